"""PAWS-X, Korean: do two sentences of nearly the same words mean the same?

    kortf finetune --config=paws --data=data/paws_x_ko \\
        --init_from=MODEL_DIR --workdir=DIR

Where the train file is not at hand, train on the dev part and hold some of it back:

    --config.task.train_file=dev_2k.tsv --config.task.dev_file=

Sizes: `smoke` (seconds), `small` (models that two cores pretrain), `base` (KoELECTRA's).
"""

import ml_collections

from kortf.train.finetune_recipe import Recipe, finetuning, koelectra

RECIPES = {
    "small": Recipe(5, 32, 3e-4),
    "base": koelectra(15, learning_rate=3e-5),
}


def get_config(size: str = "small") -> ml_collections.ConfigDict:
    """Return the recipe at a size."""
    task = {
        "name": "paws",
        "train_file": "translated_train.tsv",
        "dev_file": "dev_2k.tsv",
        "test_file": "test_2k.tsv",
    }
    return finetuning(size, task, RECIPES)

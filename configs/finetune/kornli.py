"""KorNLI: does one sentence follow from another?

    kortf finetune --config=kornli --data=data/kornlu/KorNLI \\
        --init_from=MODEL_DIR --workdir=DIR

Where the large train files are not at hand, train on the dev part and hold some of it back:

    --config.task.train_file=xnli.dev.ko.tsv --config.task.dev_file=

Sizes: `smoke` (seconds), `small` (models that two cores pretrain), `base` (KoELECTRA's).
"""

import ml_collections

from kortf.train.finetune_recipe import Recipe, finetuning, koelectra

RECIPES = {
    "small": Recipe(3, 64, 3e-4),
    "base": koelectra(15, 64),
}


def get_config(size: str = "small") -> ml_collections.ConfigDict:
    """Return the recipe at a size."""
    task = {
        "name": "kornli",
        "train_file": "multinli.train.ko.tsv,snli_1.0_train.ko.tsv",
        "dev_file": "xnli.dev.ko.tsv",
        "test_file": "xnli.test.ko.tsv",
    }
    return finetuning(size, task, RECIPES)

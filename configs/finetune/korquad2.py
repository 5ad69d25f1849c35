"""KorQuAD 2.0: short and long answers in whole HTML pages.

    kortf finetune --config=korquad2 --data=data/korquad2 \\
        --init_from=MODEL_DIR --workdir=DIR

A page is read in windows of `max_length` pieces. An answer of more than `max_answer` pieces is
never found whole; the summary of the data counts them. All windows of all questions are encoded in
memory: on a machine with little of it, name fewer files in `--config.task.train_file`.

Sizes: `smoke` (seconds), `small` (models that two cores pretrain), `base` (12 layers, 768 wide).
"""

import ml_collections

from kortf.train.finetune_recipe import Recipe, finetuning

RECIPES = {
    "small": Recipe(2, 16, 5e-4),
    "base": Recipe(2, 16, 5e-5),
}


def get_config(size: str = "small") -> ml_collections.ConfigDict:
    """Return the recipe at a size."""
    return finetuning(
        size,
        {"name": "korquad2", "stride": 256, "max_answer": 128},
        RECIPES,
        max_length=512,
        pooled=False,
    )

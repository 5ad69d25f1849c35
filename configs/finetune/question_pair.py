"""Question Pair: do two questions ask the same?

    kortf finetune --config=question_pair --data=data/question_pair \\
        --init_from=MODEL_DIR --workdir=DIR

Sizes: `smoke` (seconds), `small` (models that two cores pretrain), `base` (KoELECTRA's).
"""

import ml_collections

from kortf.train.finetune_recipe import Recipe, finetuning, koelectra

RECIPES = {
    "small": Recipe(10, 32, 3e-4),
    "base": koelectra(10),
}


def get_config(size: str = "small") -> ml_collections.ConfigDict:
    """Return the recipe at a size."""
    return finetuning(size, {"name": "question_pair"}, RECIPES)

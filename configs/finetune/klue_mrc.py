"""KLUE-MRC: answer questions on news articles, or find that there is no answer.

    kortf finetune --config=klue_mrc --data=data/klue \\
        --init_from=MODEL_DIR --workdir=DIR

Sizes: `smoke` (seconds), `small` (models that two cores pretrain), `base` (12 layers, 768 wide).
"""

import ml_collections

from kortf.train.finetune_recipe import Recipe, finetuning

RECIPES = {
    "small": Recipe(4, 16, 5e-4),
    "base": Recipe(5, 16, 3e-5),
}


def get_config(size: str = "small") -> ml_collections.ConfigDict:
    """Return the recipe at a size."""
    return finetuning(
        size,
        {"name": "klue_mrc", "stride": 128, "max_answer": 30},
        RECIPES,
        max_length=384,
        pooled=False,
    )

"""KLUE-DP: dependency parsing of eojeol.

    kortf finetune --config=klue_dp --data=data/klue \\
        --init_from=MODEL_DIR --workdir=DIR

Sizes: `smoke` (seconds), `small` (models that two cores pretrain), `base` (12 layers, 768 wide).
"""

import ml_collections

from kortf.train.finetune_recipe import Recipe, finetuning

RECIPES = {
    "small": Recipe(15, 32, 5e-4),
    "base": Recipe(10, 32, 5e-5),
}


def get_config(size: str = "small") -> ml_collections.ConfigDict:
    """Return the recipe at a size."""
    return finetuning(size, {"name": "klue_dp"}, RECIPES, pooled=False)

"""KLUE-STS: similarity of two sentences.

    kortf finetune --config=klue_sts --data=data/klue \\
        --init_from=MODEL_DIR --workdir=DIR

Sizes: `smoke` (seconds), `small` (models that two cores pretrain), `base` (12 layers, 768 wide).
"""

import ml_collections

from kortf.train.finetune_recipe import Recipe, finetuning

RECIPES = {
    "small": Recipe(8, 32, 3e-4),
    "base": Recipe(4, 32, 5e-5, pooling="cls"),
}


def get_config(size: str = "small") -> ml_collections.ConfigDict:
    """Return the recipe at a size."""
    return finetuning(size, {"name": "klue_sts"}, RECIPES, has_classes=False)

"""KLUE-WoS: the state of a dialogue after each turn of the user.

    kortf finetune --config=klue_wos --data=data/klue \\
        --init_from=MODEL_DIR --workdir=DIR

An encoder chooses each slot's value from those of the train part. KLUE's own baseline, TRADE,
generates values, so it can also give those that the train part does not have.

Sizes: `smoke` (seconds), `small` (models that two cores pretrain), `base` (12 layers, 768 wide).
"""

import ml_collections

from kortf.train.finetune_recipe import Recipe, finetuning

RECIPES = {
    "small": Recipe(5, 32, 3e-4),
    "base": Recipe(10, 16, 5e-5, pooling="cls"),
}


def get_config(size: str = "small") -> ml_collections.ConfigDict:
    """Return the recipe at a size."""
    return finetuning(size, {"name": "klue_wos"}, RECIPES, max_length=384, has_classes=False)

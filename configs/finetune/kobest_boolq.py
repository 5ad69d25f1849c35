"""KoBEST BoolQ: answer a yes/no question on a text.

    kortf finetune --config=kobest_boolq --data=data/kobest \\
        --init_from=MODEL_DIR --workdir=DIR

Sizes: `smoke` (seconds), `small` (models that two cores pretrain), `base` (12 layers, 768 wide).
"""

import ml_collections

from kortf.train.finetune_recipe import Recipe, finetuning

RECIPES = {
    "small": Recipe(10, 32, 3e-4),
    "base": Recipe(5, 32, 5e-5, pooling="cls"),
}


def get_config(size: str = "small") -> ml_collections.ConfigDict:
    """Return the recipe at a size."""
    return finetuning(size, {"name": "kobest_boolq"}, RECIPES, max_length=256)

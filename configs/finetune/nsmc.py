"""NSMC: is a film review positive?

    kortf finetune --config=nsmc --data=data/nsmc --init_from=MODEL_DIR \\
        --workdir=DIR

Sizes: `smoke` and `demo` (seconds), `small` (models that two cores pretrain), `base`.
"""

import ml_collections

from kortf.train.finetune_recipe import Recipe, finetuning

RECIPES = {
    "demo": Recipe(3, 32, 1e-3),
    "small": Recipe(1, 64, 1e-3, optimizer="muon"),
    "base": Recipe(5, 32, 3e-5, warmup_fraction=0.0, pooling="cls"),
}


def get_config(size: str = "small") -> ml_collections.ConfigDict:
    """Return the recipe at a size."""
    return finetuning(size, {"name": "nsmc"}, RECIPES)

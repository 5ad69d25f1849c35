"""Regression on own files: `text` and `label`, numbers from `low` to `high`.

    kortf finetune --config=regression --data=DIR \\
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
    return finetuning(
        size,
        {
            "name": "regression",
            "source_fields": "text",
            "label_field": "label",
            "low": 0.0,
            "high": 1.0,
            "train_file": "train.tsv",
            "test_file": "test.tsv",
            "dev_file": "",
        },
        RECIPES,
        has_classes=False,
    )

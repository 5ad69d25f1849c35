"""Multi-label classification of own files: `text` and comma-separated `labels`.

With `--config.task.label_field=` each label has a column of 0 and 1, as in Korean UnSmile.

    kortf finetune --config=multi_label --data=DIR \\
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
            "name": "multi_label",
            "text_field": "text",
            "label_field": "labels",
            "classes": "",
            "train_file": "train.tsv",
            "test_file": "test.tsv",
            "dev_file": "",
        },
        RECIPES,
        has_classes=False,
    )

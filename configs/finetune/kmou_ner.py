"""KMOU NER: ten kinds of entities over morphemes.

    kortf finetune --config=kmou_ner --data=data/kmou_ner/KMOU_BIO \\
        --init_from=MODEL_DIR --workdir=DIR

Sizes: `smoke` (seconds), `small` (models that two cores pretrain), `base`.
"""

import ml_collections

from kortf.train.finetune_recipe import Recipe, finetuning

RECIPES = {
    "small": Recipe(5, 32, 1e-3),
    "base": Recipe(5, 32, 5e-5),
}


def get_config(size: str = "small") -> ml_collections.ConfigDict:
    """Return the recipe at a size."""
    return finetuning(
        size,
        {"name": "kmou_ner", "label_at": "all", "crf": True},
        RECIPES,
        max_length=128,
        pooled=False,
    )

"""KLP 2016 NER: five kinds of entities in news.

    kortf finetune --config=klp_ner --data=data/klp_ner \\
        --init_from=MODEL_DIR --workdir=DIR

Sizes: `smoke` (seconds), `small` (models that two cores pretrain), `base` (12 layers, 768 wide).
"""

import ml_collections

from kortf.train.finetune_recipe import Recipe, finetuning

RECIPES = {
    "small": Recipe(10, 32, 1e-3),
    "base": Recipe(10, 32, 5e-5),
}


def get_config(size: str = "small") -> ml_collections.ConfigDict:
    """Return the recipe at a size."""
    return finetuning(
        size,
        {"name": "klp_ner", "label_at": "all", "crf": True},
        RECIPES,
        max_length=128,
        pooled=False,
    )

"""Files in the form of Naver's NER challenge: fourteen kinds of entities over eojeol.

    kortf finetune --config=naver_ner --data=DIR \\
        --init_from=MODEL_DIR --workdir=DIR

Sizes: `smoke` (seconds), `small` (models that two cores pretrain), `base` (KoELECTRA's).
"""

import ml_collections

from kortf.train.finetune_recipe import Recipe, finetuning, koelectra

RECIPES = {
    "small": Recipe(5, 32, 1e-3),
    "base": koelectra(20),
}


def get_config(size: str = "small") -> ml_collections.ConfigDict:
    """Return the recipe at a size."""
    return finetuning(
        size,
        {"name": "naver_ner", "label_at": "all", "crf": True},
        RECIPES,
        max_length=128,
        pooled=False,
    )

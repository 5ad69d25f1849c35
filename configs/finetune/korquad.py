"""KorQuAD 1.0: the answer to a question, in an article of the encyclopaedia.

    kortf finetune --config=korquad --data=data/korquad \\
        --init_from=MODEL_DIR --workdir=DIR

Sizes: `smoke` (seconds), `small` (models that two cores pretrain), `base` (KoELECTRA's).
"""

import ml_collections

from kortf.train.finetune_recipe import Recipe, finetuning, koelectra

RECIPES = {
    "small": Recipe(4, 16, 5e-4),
    "base": koelectra(7, batch_size=16),
}


def get_config(size: str = "small") -> ml_collections.ConfigDict:
    """Return the recipe at a size."""
    return finetuning(
        size,
        {"name": "korquad", "stride": 128, "max_answer": 30},
        RECIPES,
        max_length=384,
        pooled=False,
    )

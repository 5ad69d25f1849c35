"""Korean Hate Speech: is a news comment hateful or offensive?

    kortf finetune --config=hate_speech --data=data/hate_speech \\
        --init_from=MODEL_DIR --workdir=DIR

`--config.task.target=bias` classifies its bias instead. The labels of the test part are not
published: the dev part is scored, and a held-out share of the train file chooses the epoch.

Sizes: `smoke` (seconds), `small` (models that two cores pretrain), `base` (KoELECTRA's).
"""

import ml_collections

from kortf.train.finetune_recipe import Recipe, finetuning, koelectra

RECIPES = {
    "small": Recipe(5, 32, 3e-4),
    "base": koelectra(10),
}


def get_config(size: str = "small") -> ml_collections.ConfigDict:
    """Return the recipe at a size."""
    return finetuning(size, {"name": "hate_speech", "target": "hate"}, RECIPES)

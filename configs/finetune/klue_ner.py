"""KLUE-NER: persons, places, organisations, dates, times and quantities.

    kortf finetune --config=klue_ner --data=data/klue \\
        --init_from=MODEL_DIR --workdir=DIR

Texts are split into characters, so that an entity may end anywhere; `--config.task.label_at=all`
uses pieces instead. `--config.task.crf=False` scores each tag alone. With the dev part only, train
on its first 4,000 sentences and score the others:

    --config.task.train_file='klue-ner-v1.1_dev.tsv[:4000]' \\
    --config.task.test_file='klue-ner-v1.1_dev.tsv[4000:]'

Sizes: `smoke` (seconds), `small` (models that two cores pretrain), `base` (KLUE's).
"""

import ml_collections

from kortf.train.finetune_recipe import Recipe, finetuning

RECIPES = {
    "small": Recipe(10, 32, 1e-3),
    "base": Recipe(5, 32, 5e-5),
}


def get_config(size: str = "small") -> ml_collections.ConfigDict:
    """Return the recipe at a size."""
    return finetuning(
        size,
        {"name": "klue_ner", "label_at": "character", "crf": True},
        RECIPES,
        max_length=256,
        pooled=False,
    )

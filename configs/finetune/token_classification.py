"""Entities in own files.

    kortf finetune --config=token_classification --data=DIR \\
        --init_from=MODEL_DIR --workdir=DIR --config.task.train_file=train.conll \\
        --config.task.test_file=test.conll

JSON lines (`{"text": …, "entities": [{"start": 0, "end": 2, "label": "PS"}]}`, or `tokens` and
`tags`), or a word and its tag a line with an empty line between sentences. The kinds of entities
are those of the train file, or `--config.task.entity_labels=PS,LC`.

Sizes: `smoke` (seconds), `small` (models that two cores pretrain), `base`.
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
        {
            "name": "token_classification",
            "entity_labels": "",
            "train_file": "train.jsonl",
            "test_file": "test.jsonl",
            "dev_file": "",
            "label_at": "all",
            "crf": True,
        },
        RECIPES,
        max_length=256,
        pooled=False,
    )

"""Classification of texts in own files.

    kortf finetune --config=text_classification --data=DIR \\
        --init_from=MODEL_DIR --workdir=DIR

DIR has `train.tsv` and `test.tsv`: tab-separated with a header, columns `text` and `label`. Other
names, other forms (CSV, JSON lines, a JSON array, parquet, xlsx) and a dev part are settings; by
default the classes are the labels of the train file:

    --config.task.train_file=train.jsonl --config.task.dev_file=dev.jsonl \\
    --config.task.test_file=test.jsonl --config.task.text_fields=review \\
    --config.task.label_field=rating --config.task.classes=good,bad

Sizes: `smoke` (seconds), `small` (models that two cores pretrain), `base`.
"""

import ml_collections

from kortf.train.finetune_recipe import Recipe, finetuning, koelectra

RECIPES = {
    "small": Recipe(5, 32, 3e-4),
    "base": koelectra(10),
}


def get_config(size: str = "small") -> ml_collections.ConfigDict:
    """Return the recipe at a size."""
    task = {
        "name": "text_classification",
        "train_file": "train.tsv",
        "dev_file": "",
        "test_file": "test.tsv",
        "text_fields": "text",
        "label_field": "label",
        "classes": "",
    }
    return finetuning(size, task, RECIPES)

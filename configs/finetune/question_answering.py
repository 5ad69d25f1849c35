"""Question answering on own files.

    kortf finetune --config=question_answering --data=DIR \\
        --init_from=MODEL_DIR --workdir=DIR --config.task.train_file=train.json

JSON lines (`{"question": …, "context": …, "answer": …, "answer_start": 12}`), tables with these
columns, Hugging Face's `answers`, or the format of KorQuAD and SQuAD 2.0 in a `.json` file.
Sizes: `smoke`, `small`, `base`.
"""

import ml_collections

from kortf.train.finetune_recipe import Recipe, finetuning

RECIPES = {
    "small": Recipe(4, 16, 5e-4),
    "base": Recipe(3, 16, 5e-5),
}


def get_config(size: str = "small") -> ml_collections.ConfigDict:
    """Return the recipe at a size."""
    return finetuning(
        size,
        {
            "name": "question_answering",
            "stride": 128,
            "max_answer": 30,
            "train_file": "train.jsonl",
            "test_file": "test.jsonl",
            "dev_file": "",
        },
        RECIPES,
        max_length=384,
        pooled=False,
    )

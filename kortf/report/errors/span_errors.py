"""The questions that a model answered worst."""

import os
from collections.abc import Sequence

from kortf import files
from kortf.errors import InputError
from kortf.metrics.span_f1 import character_f1
from kortf.report.errors.errors import SHOWN
from kortf.report.errors.gold import NoGold, find_scored_file
from kortf.report.run import Run
from kortf.report.tables.table import Table

PREDICTIONS = "predictions.json"


def answers_questions(run: Run) -> bool:
    """Whether the predictions of a run are answers by question id."""
    return files.exists(os.path.join(run.path, PREDICTIONS))


def worst_answers(run: Run, data: Sequence[str]) -> Table:
    """The answers that share the fewest characters with the gold ones.

    Raises:
        NoGold: the scored file is not at hand, or does not fit the predictions.
    """
    predicted = files.read_json(os.path.join(run.path, PREDICTIONS))
    path = find_scored_file(run, data)
    try:
        questions = list(_questions(files.read_json(path)))
    except (InputError, KeyError, TypeError) as error:
        raise NoGold(f"{path} is not in the format of KorQuAD 1.0") from error
    scored = [
        (character_f1(str(predicted.get(key, "")), golds), question, golds[0], predicted.get(key))
        for key, question, golds in questions
        if golds
    ]
    wrong = sum(f1 < 1 for f1, *_ in scored)
    none = sum(f1 == 0 for f1, *_ in scored)
    worst = sorted(scored, key=lambda row: row[0])[:SHOWN]  # stable: in the file's order
    rows = [
        [question, gold, str("–" if answer is None else answer), f"{f1:.2f}"]
        for f1, question, gold, answer in worst
    ]
    note = (
        f"{wrong:,} of {len(scored):,} answers are not right to the character, {none:,} share none."
    )
    return Table(["question", "gold", "predicted", "F1"], rows, [note])


def _questions(content: dict):
    for article in content["data"]:
        for paragraph in article["paragraphs"]:
            for question in paragraph["qas"]:
                golds = [answer["text"] for answer in question["answers"]]
                yield question["id"], question["question"], golds

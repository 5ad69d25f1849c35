"""Errors of a fine-tuned model: a confusion matrix, and its worst or first mistakes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kortf import workdir
from kortf.report.errors.calibration import Bin, calibration_bins
from kortf.report.errors.confusion import Confusion
from kortf.report.errors.entity_errors import compare_entities
from kortf.report.errors.mistakes import Answer, confident_mistakes, farthest, worst_answers
from kortf.report.run import Run
from kortf.report.tables.table import Table


@dataclass
class Findings:
    """Errors in the predictions of one run.

    Attributes:
        run: Run that made the predictions.
        confusion: Confusion matrix of a classification.
        errors: Table of the worst, or the first, errors.
        missing: Reason why there is nothing to show.
        calibration: Share of correct predictions by confidence.
    """

    run: Run
    confusion: Confusion | None = None
    errors: Table = field(default_factory=lambda: Table([]))
    missing: str = ""
    calibration: list[Bin] = field(default_factory=list)


def find_errors(run: Run) -> Findings:
    """Find the errors of a finished fine-tuning in its `examples.jsonl`.

    Args:
        run: Finished run.
    """
    rows = workdir.read_examples(run.path)
    if not rows:
        missing = f"there is no {workdir.EXAMPLES_FILE} in the work directory"
        return Findings(run, missing=f"{missing} (kortf evaluate writes one)")
    gold = [row["gold"] for row in rows]
    if all(isinstance(value, int | float) for value in gold):
        return Findings(run, errors=farthest([_answer(row) for row in rows]))
    if all(_is_list_of(value, str) for value in gold) and isinstance(rows[0]["predicted"], str):
        return Findings(run, errors=worst_answers(rows))
    if all(_is_list_of(value, dict) for value in gold):
        answers = [answer for row in rows for answer in compare_entities(row)]
    else:
        answers = [_answer(row) for row in rows]
    confusion = Confusion(answers)
    shown = confusion if confusion.is_readable else None
    return Findings(run, shown, confident_mistakes(answers), calibration=calibration_bins(rows))


def _is_list_of(value, kind: type) -> bool:
    return isinstance(value, list) and all(isinstance(each, kind) for each in value)


def _answer(row: Mapping) -> Answer:
    texts = [_text(value) for name, value in row.items() if name not in _OTHER]
    return Answer(" │ ".join(texts), _text(row["gold"]), _text(row["predicted"]), row.get("score"))


def _text(value) -> str:
    if isinstance(value, list | tuple) and isinstance(value, Sequence):
        return ", ".join(map(str, value))
    return str(value)


_OTHER = ("id", "gold", "predicted", "score")

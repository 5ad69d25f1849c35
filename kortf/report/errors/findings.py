"""What a fine-tuned model gets wrong: a confusion matrix, the worst errors."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from kortf.report.errors.answers import read_answers
from kortf.report.errors.confusion import Confusion
from kortf.report.errors.entity_errors import entity_answers, finds_entities
from kortf.report.errors.errors import farthest, is_regression, mistaken
from kortf.report.errors.gold import NoGold
from kortf.report.errors.span_errors import answers_questions, worst_answers
from kortf.report.run import Run
from kortf.report.tables.table import Table


@dataclass
class Findings:
    """What there is to say about one run's predictions.

    Attributes:
        run: that made them.
        confusion: of a classification.
        errors: the worst, or the first.
        missing: why there is nothing to say.
    """

    run: Run
    confusion: Confusion | None = None
    errors: Table = field(default_factory=lambda: Table([]))
    missing: str = ""


def find_errors(run: Run, data: Sequence[str]) -> Findings:
    """Compares the predictions of a finished fine-tuning with the file that was scored.

    Args:
        run: finished.
        data: directories that may hold that file.
    """
    try:
        if answers_questions(run):
            return Findings(run, errors=worst_answers(run, data))
        read = entity_answers if finds_entities(run) else read_answers
        answers = read(run, data)
    except NoGold as reason:
        return Findings(run, missing=str(reason))
    if is_regression(answers, run.evaluation.get("scores") or {}):
        return Findings(run, errors=farthest(answers))
    labels = run.model.get("id2label") or {}
    confusion = Confusion(answers, {str(key): str(name) for key, name in labels.items()})
    shown = confusion if confusion.is_readable else None
    return Findings(run, shown, mistaken(answers, confusion.name))

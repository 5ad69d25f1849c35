"""The examples that a model got most wrong."""

from collections.abc import Sequence

from kortf.report.errors.answers import Answer
from kortf.report.tables.table import Table

SHOWN = 12
LONGEST_TEXT = 200


def is_regression(answers: Sequence[Answer], scores: dict) -> bool:
    """Whether labels are numbers to come near to, not classes."""
    return "spearman" in scores and all(_number(a.gold) is not None for a in answers)


def farthest(answers: Sequence[Answer]) -> Table:
    """The examples whose number is farthest from the gold one."""
    distance = [abs(float(a.predicted) - float(a.gold)) for a in answers]
    order = sorted(range(len(answers)), key=lambda i: -distance[i])[:SHOWN]
    rows = [_row(answers[i]) for i in order]
    return Table(["text", "gold", "predicted"], rows)


def mistaken(answers: Sequence[Answer], name) -> Table:
    """The first mistakes of each kind, the most frequent kind first.

    Args:
        answers: of a classification.
        name: gives a label as it is to be shown.
    """
    kinds: dict[tuple[str, str], list[Answer]] = {}
    for answer in answers:
        if answer.gold != answer.predicted:
            kinds.setdefault((answer.gold, answer.predicted), []).append(answer)
    each = max(1, SHOWN // max(1, len(kinds)))
    rows = []
    for kind in sorted(kinds, key=lambda kind: (-len(kinds[kind]), kind))[:SHOWN]:
        rows += [_row(answer, name) for answer in kinds[kind][:each]]
    wrong = sum(map(len, kinds.values()))
    note = (
        f"{wrong:,} of {len(answers):,} are wrong. The predictions hold no probabilities: these "
        "are the first of each kind of mistake, in the order of the file."
    )
    return Table(["text", "gold", "predicted"], rows, [note])


def _row(answer: Answer, name=str) -> list[str]:
    text = " ".join(answer.text.split())
    text = text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"
    return [text, name(answer.gold), name(answer.predicted)]


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None

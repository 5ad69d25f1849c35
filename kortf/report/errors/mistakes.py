"""Tables of the examples that a model got wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kortf.metrics.span_f1 import character_f1
from kortf.report.tables.table import Table

SHOWN = 12
MOST_MISTAKES = 50
AROUND = 24  # characters of a text on each side of what is marked
LONGEST_TEXT = 200


@dataclass(frozen=True)
class Answer:
    """One example, or one entity of an example.

    Attributes:
        text: Text of the example; texts of a pair have a bar between.
        gold: Label in the scored file.
        predicted: Label that the model predicted.
        score: Probability of the prediction; None if there is none.
    """

    text: str
    gold: str
    predicted: str
    score: float | None = None


def farthest(answers: Sequence[Answer]) -> Table:
    """Tabulate the examples whose number is farthest from the gold one."""
    distance = [abs(float(a.predicted) - float(a.gold)) for a in answers]
    order = sorted(range(len(answers)), key=lambda i: -distance[i])[:SHOWN]
    return Table(["text", "gold", "predicted"], [_row(answers[i])[:3] for i in order])


def confident_mistakes(answers: Sequence[Answer]) -> Table:
    """Tabulate mistakes, those with the highest probability first."""
    wrong = [answer for answer in answers if answer.gold != answer.predicted]
    # Stable: mistakes without a probability keep the order of the file, at the end.
    order = sorted(wrong, key=lambda answer: -1.0 if answer.score is None else -answer.score - 2)
    note = (
        f"{len(wrong):,} of {len(answers):,} are wrong. The mistakes with the highest probability "
        "come first."
    )
    if len(wrong) > MOST_MISTAKES:
        note += f" The first {MOST_MISTAKES} are shown; examples.jsonl has all."
    rows = [_row(answer) for answer in order[:MOST_MISTAKES]]
    return Table(["text", "gold", "predicted", "score"], rows, [note], highlight=True)


def worst_answers(rows: Sequence[Mapping]) -> Table:
    """Tabulate the answers to questions that share the fewest characters with the gold ones.

    Args:
        rows: Rows of `examples.jsonl`, with a list of accepted answers as `gold`.
    """
    scored = []
    for row in rows:
        golds = row["gold"] or [""]
        if row["gold"]:
            f1 = character_f1(row["predicted"], golds)
        else:  # a question without an answer
            f1 = float(not row["predicted"])
        place = in_context(str(row.get("context", "")), golds[0])
        scored.append((f1, str(row.get("question", "")), golds[0], row["predicted"], place))
    wrong = sum(f1 < 1 for f1, *_ in scored)
    none = sum(f1 == 0 for f1, *_ in scored)
    worst = sorted(scored, key=lambda row: row[0])[:SHOWN]  # stable: in the file's order
    cells = [
        [question, gold or "–", answer or "–", f"{f1:.2f}", place]
        for f1, question, gold, answer, place in worst
    ]
    notes = [f"{wrong:,} of {len(scored):,} answers differ in a character, {none:,} share none."]
    header = ["question", "gold", "predicted", "F1", "text, the first place of the gold answer"]
    if all(row[-1] == "–" for row in cells):  # the rows have no texts
        header, cells = header[:-1], [row[:-1] for row in cells]
    return Table(header, cells, notes, highlight=True)


def in_context(context: str, answer: str) -> str:
    """Return the surroundings of the first place of an answer, marked; `–` where it is not.

    Example:
        >>> in_context("그 나라의 수도는 한별이다.", "한별")
        '그 나라의 수도는 【한별】이다.'
    """
    start = context.find(answer) if answer else -1
    if start < 0:
        return "–"
    end = start + len(answer)
    before, after = max(0, start - AROUND), min(len(context), end + AROUND)
    shown = f"{context[before:start]}【{answer}】{context[end:after]}"
    return ("…" if before else "") + shown + ("…" if after < len(context) else "")


def _row(answer: Answer) -> list[str]:
    text = " ".join(answer.text.split())
    text = text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"
    score = "–" if answer.score is None else f"{answer.score:.3f}"
    return [text, answer.gold, answer.predicted, score]

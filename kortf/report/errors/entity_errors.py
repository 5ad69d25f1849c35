"""Entities that a model confused, missed or invented."""

from collections.abc import Iterator, Mapping

from kortf.report.errors.mistakes import AROUND, Answer

NONE = "–"  # no entity on this side


def compare_entities(row: Mapping) -> Iterator[Answer]:
    """Yield an answer for every entity on either side; `–` where the other side has none.

    Args:
        row: Row of `examples.jsonl`, whose `gold` and `predicted` are entities.
    """
    text = row["text"]
    ours, theirs = (
        {(each["start"], each["end"]): each for each in row[side]} for side in ("predicted", "gold")
    )
    for start, end in sorted({*ours, *theirs}):
        before, after = max(0, start - AROUND), min(len(text), end + AROUND)
        shown = f"{text[before:start]}【{text[start:end]}】{text[end:after]}"
        shown = ("…" if before else "") + shown + ("…" if after < len(text) else "")
        gold, predicted = (side.get((start, end), {}) for side in (theirs, ours))
        yield Answer(
            shown, gold.get("label", NONE), predicted.get("label", NONE), predicted.get("score")
        )

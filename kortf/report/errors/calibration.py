"""Calibration: how often predictions of a given confidence are correct."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

BINS = 10


@dataclass(frozen=True)
class Bin:
    """Predictions of similar confidence.

    Attributes:
        confidence: Mean probability of the predicted classes.
        accuracy: Share of correct predictions.
        count: Number of predictions.
    """

    confidence: float
    accuracy: float
    count: int


def calibration_bins(rows: Sequence[Mapping]) -> list[Bin]:
    """Group classified examples by the probability of the prediction, in ten equal bins.

    Example:
        >>> calibration_bins([{"gold": "a", "predicted": "a", "score": 0.75},
        ...                   {"gold": "a", "predicted": "b", "score": 0.75}])
        [Bin(confidence=0.75, accuracy=0.5, count=2)]

    Args:
        rows: Rows of `examples.jsonl`; those without one label and a probability are left out.

    Returns:
        Bins that are not empty, the least confident first.
    """
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for row in rows:
        score = row.get("score")
        labels = isinstance(row["gold"], str) and isinstance(row["predicted"], str)
        if labels and isinstance(score, int | float) and 0 <= score <= 1:
            place = min(BINS - 1, int(score * BINS))
            bins[place].append((score, row["gold"] == row["predicted"]))
    return [
        Bin(sum(s for s, _ in each) / len(each), sum(c for _, c in each) / len(each), len(each))
        for each in bins
        if each
    ]

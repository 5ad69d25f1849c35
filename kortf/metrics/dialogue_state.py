"""Dialogue state tracking: joint goal accuracy and slot F1, as KLUE-baseline computes them."""

from collections.abc import Sequence

States = Sequence[Sequence[str]]


def joint_goal_accuracy(predicted: States, gold: States) -> float:
    """Return the share of turns whose whole state is right.

    Example:
        >>> joint_goal_accuracy([["숙소-종류-호텔"], []], [["숙소-종류-호텔"], ["숙소-지역-서울"]])
        0.5

    Args:
        predicted: State of each turn, `domain-slot-value`.
        gold: States in the same order.
    """
    right = [set(ours) == set(theirs) for ours, theirs in zip(predicted, gold, strict=True)]
    return sum(right) / len(right) if right else 0.0


def slot_f1(predicted: States, gold: States) -> float:
    """Return the mean over turns of the F1 of `domain-slot-value`.

    KLUE calls this slot micro F1. A turn without slots on both sides scores 1, on one side 0.

    Example: one of two slots is found, and nothing else
        >>> round(slot_f1([["a-b-c"]], [["a-b-c", "a-d-e"]]), 4)
        0.6667
    """
    scores = [_f1(ours, theirs) for ours, theirs in zip(predicted, gold, strict=True)]
    return sum(scores) / len(scores) if scores else 0.0


def _f1(predicted: Sequence[str], gold: Sequence[str]) -> float:
    if not gold:
        return float(not predicted)
    found = sum(name in predicted for name in gold)
    wrong = sum(name not in gold for name in predicted)
    total = found + wrong + len(gold)
    return 2 * found / total if found else 0.0

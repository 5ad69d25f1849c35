"""ROUGE-W of characters (Lin 2004, section 4), as KLUE-MRC scores answers."""

from collections.abc import Sequence

from kortf.metrics.span_f1 import normalize

WEIGHT = 1.2  # exponent of the length of a run


def rouge_w(predicted: str, golds: Sequence[str]) -> float:
    """Return the best F1 of weighted longest common subsequences over the gold answers.

    Answers are normalized as in KorQuAD; spaces do not count. No gold answer means that the right
    prediction is empty.

    Example: four of five characters in one run
        >>> round(rouge_w("세종대왕이", ["세종대왕"]), 4)
        0.8889

    Args:
        predicted: Predicted answer, "" for none.
        golds: Accepted answers.

    Returns:
        A number in [0, 1].
    """
    ours = normalize(predicted).replace(" ", "")
    return max(_f1(ours, normalize(gold).replace(" ", "")) for gold in golds or [""])


def _f1(ours: str, theirs: str) -> float:
    if not ours or not theirs:
        return float(ours == theirs)
    common = _weighted_common(ours, theirs)
    recall, precision = ((common / len(side) ** WEIGHT) ** (1 / WEIGHT) for side in (theirs, ours))
    return 2 * precision * recall / (precision + recall) if common else 0.0


def _weighted_common(ours: str, theirs: str) -> float:
    """Score of the weighted longest common subsequence; a run of k counts k ** WEIGHT."""
    best, run = [0.0] * (len(theirs) + 1), [0] * (len(theirs) + 1)
    for a in ours:
        now, now_run = [0.0], [0]
        for j, b in enumerate(theirs):
            if a == b:
                k = run[j]
                now.append(best[j] + (k + 1) ** WEIGHT - k**WEIGHT)
                now_run.append(k + 1)
            else:
                now.append(max(best[j + 1], now[j]))
                now_run.append(0)
        best, run = now, now_run
    return best[-1]

"""KLUE-DP: labelled and unlabelled attachment scores, as KLUE-baseline computes them."""

import numpy as np

from kortf.metrics.classification import macro_f1

OTHERS = 15  # types from this number on count as one
_WRONG = -2  # head or type that is never right


def dependency_scores(
    heads: np.ndarray, gold_heads: np.ndarray, types: np.ndarray, gold_types: np.ndarray
) -> dict[str, float]:
    """Return macro and micro F1 of heads (UAS) and of types with the right head (LAS).

    The classes of UAS are the numbers of the head words. Micro F1 is the share of right words.

    Example: both heads and one of two types are right
        >>> scores = dependency_scores(np.array([2, 0]), np.array([2, 0]), np.array([3, 1]),
        ...                            np.array([3, 2]))
        >>> scores["uas_micro_f1"], scores["las_micro_f1"]
        (1.0, 0.5)

    Args:
        heads: Number of the predicted head of each word `[words]`, 0 for the root; -2 for none.
        gold_heads: Number of the true head `[words]`.
        types: Number of the predicted type `[words]`.
        gold_types: Number of the true type `[words]`.

    Returns:
        `uas_macro_f1`, `uas_micro_f1`, `las_macro_f1` and `las_micro_f1`.
    """
    heads, gold_heads, types, gold_types = map(np.asarray, (heads, gold_heads, types, gold_types))
    right = heads == gold_heads
    types, gold_types = (np.minimum(side, OTHERS) for side in (types, gold_types))
    types = np.where(right, types, _WRONG)
    found = {}
    for name, ours, theirs in (("uas", heads, gold_heads), ("las", types, gold_types)):
        both = np.concatenate([ours, theirs]) - _WRONG
        size = int(both.max(initial=0)) + 1
        found[f"{name}_macro_f1"] = macro_f1(ours - _WRONG, theirs - _WRONG, size)
        found[f"{name}_micro_f1"] = float(np.mean(ours == theirs))
    return found

"""Metrics of a multi-label classification, as scikit-learn defines them."""

import numpy as np


def multi_label_f1(predicted: np.ndarray, gold: np.ndarray) -> dict[str, float]:
    """Return macro and micro F1 over labels; F1 of a label on neither side is 0.

    Example:
        >>> multi_label_f1(np.array([[1, 0], [1, 1]]), np.array([[1, 0], [0, 1]]))
        {'macro_f1': 0.8333333333333333, 'micro_f1': 0.8}

    Args:
        predicted: 1 or 0 `[rows, labels]`.
        gold: 1 or 0 `[rows, labels]`.
    """
    predicted, gold = (np.asarray(side).astype(bool) for side in (predicted, gold))
    hits = 2.0 * (predicted & gold).sum(axis=0)
    total = predicted.sum(axis=0) + gold.sum(axis=0)
    f1 = np.divide(hits, total, out=np.zeros(len(total)), where=total > 0)
    micro = float(hits.sum() / total.sum()) if total.sum() else 0.0
    return {"macro_f1": float(f1.mean()), "micro_f1": micro}


def ranking_precision(scores: np.ndarray, gold: np.ndarray) -> float:
    """Return the label ranking average precision (LRAP); a row without or with all labels is 1.

    Example: the only gold label is ranked second
        >>> ranking_precision(np.array([[0.7, 0.2, 0.1]]), np.array([[0, 1, 0]]))
        0.5

    Args:
        scores: Score of each label `[rows, labels]`.
        gold: 1 or 0 `[rows, labels]`.
    """
    scores, gold = np.asarray(scores), np.asarray(gold).astype(bool)
    # Labels that are ranked at least as high as each label, over all and over gold ones.
    above = scores[:, None, :] >= scores[:, :, None]  # (rows, label, other)
    rank = above.sum(axis=2)
    hits = (above & gold[:, None, :]).sum(axis=2)
    number = gold.sum(axis=1)
    share = np.where(gold, hits / rank, 0.0).sum(axis=1) / np.maximum(number, 1)
    return float(np.where((number == 0) | (number == gold.shape[1]), 1.0, share).mean())

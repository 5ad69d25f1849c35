"""Accuracy, F1 and area under the curve of a classification."""

import numpy as np

from kortf.metrics.correlation import average_ranks


def accuracy(predicted: np.ndarray, gold: np.ndarray) -> float:
    """Share of rows whose prediction is right.

    Example:
        >>> accuracy(np.array([1, 0, 1, 1]), np.array([1, 0, 0, 1]))
        0.75

    Args:
        predicted: class of each row `[rows]`.
        gold: true class of each row `[rows]`.

    Returns:
        A share in [0, 1].
    """
    return float(np.mean(np.asarray(predicted) == np.asarray(gold)))


def f1_by_class(predicted: np.ndarray, gold: np.ndarray, num_classes: int) -> np.ndarray:
    """F1 of each class: twice the hits over predictions plus gold rows, 0 where there are neither.

    Example:
        >>> f1_by_class(np.array([1, 0, 1, 1]), np.array([1, 0, 0, 1]), 2)
        array([0.66666667, 0.8       ])

    Args:
        predicted: class of each row `[rows]`.
        gold: true class of each row `[rows]`.
        num_classes: how many there are.

    Returns:
        float64 `[num_classes]`.
    """
    predicted, gold = np.asarray(predicted), np.asarray(gold)
    hits = np.bincount(gold[predicted == gold], minlength=num_classes)
    total = np.bincount(predicted, minlength=num_classes) + np.bincount(gold, minlength=num_classes)
    return np.divide(2.0 * hits, total, out=np.zeros(num_classes), where=total > 0)


def macro_f1(predicted: np.ndarray, gold: np.ndarray, num_classes: int) -> float:
    """Mean of the F1 of all classes.

    Example:
        >>> round(macro_f1(np.array([1, 0, 1, 1]), np.array([1, 0, 0, 1]), 2), 4)
        0.7333
    """
    return float(np.mean(f1_by_class(predicted, gold, num_classes)))


def auc(scores: np.ndarray, gold: np.ndarray) -> float:
    """Area under the ROC curve: how often a positive row is scored above a negative one.

    Equal scores count half.

    Example: of the four pairs (positive, negative) three are in order
        >>> auc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1]))
        0.75

    Args:
        scores: of each row, higher is more positive `[rows]`.
        gold: 1 or 0 for each row `[rows]`; both occur.

    Returns:
        A share in [0, 1].
    """
    positive = np.asarray(gold).astype(bool)
    hits, misses = int(positive.sum()), int((~positive).sum())
    above = average_ranks(scores)[positive].sum() - hits * (hits + 1) / 2
    return float(above / (hits * misses))

"""Correlations of predicted and true numbers."""

import numpy as np


def pearson(predicted: np.ndarray, gold: np.ndarray) -> float:
    """Return Pearson's correlation: the covariance over both standard deviations.

    Example:
        >>> round(pearson(np.array([1.0, 2.0, 4.0]), np.array([1.0, 3.0, 4.0])), 4)
        0.9286

    Args:
        predicted: Number for each row `[rows]`.
        gold: True number for each row `[rows]`.

    Returns:
        A number in [-1, 1]. 0 where one side is constant: the correlation is not defined there,
        and a run must not fail when its first epoch predicts a constant.
    """
    x, y = (_unit(np.asarray(values, np.float64)) for values in (predicted, gold))
    return float(np.clip(x @ y, -1.0, 1.0))


def spearman(predicted: np.ndarray, gold: np.ndarray) -> float:
    """Return Spearman's correlation: Pearson's of the ranks; ties share their mean rank.

    Example:
        >>> round(spearman(np.array([0.1, 0.2, 9.0, 5.0]), np.array([1.0, 2.0, 3.0, 3.0])), 4)
        0.9487

    Args:
        predicted: Number for each row `[rows]`.
        gold: True number for each row `[rows]`.

    Returns:
        A number in [-1, 1], 0 where one side is constant.
    """
    return pearson(average_ranks(predicted), average_ranks(gold))


def average_ranks(values: np.ndarray) -> np.ndarray:
    """Return ranks from 1; equal values share the mean of their ranks.

    Example:
        >>> average_ranks(np.array([3.0, 1.0, 3.0, 2.0]))
        array([3.5, 1. , 3.5, 2. ])

    Args:
        values: Numbers `[rows]`.

    Returns:
        float64 `[rows]`.
    """
    _, group, counts = np.unique(np.asarray(values), return_inverse=True, return_counts=True)
    last = np.cumsum(counts)  # rank of the last of each group
    return (last - (counts - 1) / 2)[group.reshape(-1)]


def _unit(x: np.ndarray) -> np.ndarray:
    """Center `x` and scale it to length 1; 0 if all values are equal."""
    if np.ptp(x) == 0.0:  # or rounding errors would count as differences
        return np.zeros_like(x)
    x = x - x.mean()
    x = x / np.abs(x).max()  # or squares of tiny numbers would underflow
    return x / np.linalg.norm(x)

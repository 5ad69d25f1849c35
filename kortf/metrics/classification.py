"""Metrics of a classification: accuracy, F1, area under the curves, calibration."""

import numpy as np

from kortf.metrics.correlation import average_ranks


def accuracy(predicted: np.ndarray, gold: np.ndarray) -> float:
    """Return the share of rows that are predicted correctly.

    Example:
        >>> accuracy(np.array([1, 0, 1, 1]), np.array([1, 0, 0, 1]))
        0.75

    Args:
        predicted: Class of each row `[rows]`, at least one row.
        gold: True class of each row `[rows]`.

    Returns:
        A share in [0, 1].
    """
    return float(np.mean(np.asarray(predicted) == np.asarray(gold)))


def scores_by_class(
    predicted: np.ndarray, gold: np.ndarray, num_classes: int
) -> dict[str, np.ndarray]:
    """Return precision, recall, F1 and support of each class; 0 where one is not defined.

    Example:
        >>> scores_by_class(np.array([1, 0, 1, 1]), np.array([1, 0, 0, 1]), 2)["f1"]
        array([0.66666667, 0.8       ])

    Args:
        predicted: Class of each row `[rows]`.
        gold: True class of each row `[rows]`.
        num_classes: Number of classes.

    Returns:
        `precision`, `recall` and `f1`, float64 `[num_classes]`, and `support` and `predicted`,
        int64 `[num_classes]`, the numbers of gold and of predicted rows.
    """
    predicted, gold = np.asarray(predicted, np.int64), np.asarray(gold, np.int64)
    hits = np.bincount(gold[predicted == gold], minlength=num_classes)
    ours, theirs = (np.bincount(side, minlength=num_classes) for side in (predicted, gold))

    def share(part, whole):
        return np.divide(part, whole, out=np.zeros(num_classes), where=whole > 0)

    return {
        "precision": share(hits, ours),
        "recall": share(hits, theirs),
        "f1": share(2.0 * hits, ours + theirs),
        "support": theirs,
        "predicted": ours,
    }


def macro_f1(predicted: np.ndarray, gold: np.ndarray, num_classes: int) -> float:
    """Return the mean F1 of the classes that occur in gold or predictions, as scikit-learn does.

    Example:
        >>> round(macro_f1(np.array([1, 0, 1, 1]), np.array([1, 0, 0, 1]), 3), 4)
        0.7333
    """
    found = scores_by_class(predicted, gold, num_classes)
    occurs = found["support"] + found["predicted"] > 0
    return float(found["f1"][occurs].mean()) if occurs.any() else 0.0


def micro_f1(
    predicted: np.ndarray, gold: np.ndarray, num_classes: int, without: int | None = None
) -> float:
    """Return F1 over the rows of all classes together, optionally without one class.

    KLUE-RE is scored without `no_relation`. A row whose gold or predicted class is left out still
    counts for its other side.

    Example: of class 0, one of two predictions and one of one gold row are right
        >>> round(micro_f1(np.array([0, 0, 1]), np.array([0, 1, 1]), 2, without=1), 4)
        0.6667
    """
    found = scores_by_class(predicted, gold, num_classes)
    kept = np.arange(num_classes) != (-1 if without is None else without)
    hits = np.rint(found["recall"] * found["support"])[kept].sum()
    total = (found["support"] + found["predicted"])[kept].sum()
    return float(2.0 * hits / total) if total else 0.0


def auc(scores: np.ndarray, gold: np.ndarray) -> float:
    """Return the area under the ROC curve; ties count half.

    Example: of the four pairs (positive, negative) three are in order
        >>> auc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1]))
        0.75

    Args:
        scores: Score of each row, higher is more positive `[rows]`.
        gold: 1 or 0 for each row `[rows]`; both occur.

    Returns:
        A share in [0, 1].
    """
    positive = np.asarray(gold).astype(bool)
    hits, misses = int(positive.sum()), int((~positive).sum())
    above = average_ranks(scores)[positive].sum() - hits * (hits + 1) / 2
    return float(above / (hits * misses))


def auprc(scores: np.ndarray, gold: np.ndarray) -> float:
    """Return the area under the precision-recall curve by the trapezoidal rule, as KLUE-RE does.

    It is scikit-learn's `auc(recall, precision)` of `precision_recall_curve`.

    Example:
        >>> round(auprc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1])), 4)
        0.7917

    Args:
        scores: Score of each row `[rows]`.
        gold: 1 or 0 for each row `[rows]`.

    Returns:
        A share in [0, 1]; 0.5 without a positive row, as scikit-learn's curve has it.
    """
    scores, gold = np.asarray(scores, np.float64), np.asarray(gold).astype(np.int64)
    if not gold.sum():
        return 0.5
    order = np.argsort(-scores, kind="stable")
    scores, gold = scores[order], gold[order]
    last = np.flatnonzero(np.append(np.diff(scores) != 0, True))  # ends of groups of equal scores
    hits = np.cumsum(gold)[last]
    precision = np.concatenate([[1.0], hits / (last + 1)])
    recall = np.concatenate([[0.0], hits / gold.sum()])
    return float(np.sum(np.diff(recall) * (precision[1:] + precision[:-1]) / 2))


def calibration_error(probabilities: np.ndarray, gold: np.ndarray, bins: int = 15) -> float:
    """Return the expected calibration error (Guo et al. 2017, equation 3) of the top class.

    Example: two predictions of probability 0.9, one of them right
        >>> round(calibration_error(np.array([[0.9, 0.1], [0.9, 0.1]]), np.array([0, 1])), 4)
        0.4

    Args:
        probabilities: Probability of each class `[rows, classes]`.
        gold: True class of each row `[rows]`.
        bins: Number of bins of equal width over (0, 1].

    Returns:
        Mean distance of confidence and accuracy over the bins, weighted by their rows.
    """
    probabilities = np.asarray(probabilities, np.float64)
    confidence = probabilities.max(axis=-1)
    right = probabilities.argmax(axis=-1) == np.asarray(gold)
    place = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    gap = np.bincount(place, weights=right - confidence, minlength=bins)
    return float(np.abs(gap).sum() / max(len(confidence), 1))

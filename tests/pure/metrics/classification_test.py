"""Metrics of a classification, by hand and against scikit-learn, with absent classes and ties."""

import numpy as np
import pytest
from sklearn import metrics as oracle

from kortf.metrics.classification import (
    accuracy,
    auc,
    auprc,
    calibration_error,
    macro_f1,
    micro_f1,
    scores_by_class,
)
from kortf.metrics.multi_label import multi_label_f1, ranking_precision

PREDICTED, GOLD = np.array([1, 0, 1, 1]), np.array([1, 0, 0, 1])
CLASSES = 6


def sides(seed, rows=40):
    """Predictions and gold in which some classes are on one side only, or on neither."""
    random = np.random.default_rng(seed)
    ours, theirs = (random.choice(CLASSES, random.integers(1, 5), replace=False) for _ in "ab")
    return random.choice(ours, rows), random.choice(theirs, rows)


def test_by_hand():
    assert accuracy(PREDICTED, GOLD) == 0.75
    np.testing.assert_allclose(scores_by_class(PREDICTED, GOLD, 3)["f1"], [2 / 3, 0.8, 0.0])
    assert macro_f1(PREDICTED, GOLD, 3) == pytest.approx((2 / 3 + 0.8) / 2)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("rows", [1, 3, 40])
def test_scikit_learn(seed, rows):
    predicted, gold = sides(seed, rows)
    assert accuracy(predicted, gold) == pytest.approx(oracle.accuracy_score(gold, predicted))
    expected = oracle.f1_score(gold, predicted, average="macro")
    assert macro_f1(predicted, gold, CLASSES) == pytest.approx(expected)
    measures = oracle.precision_recall_fscore_support(
        gold, predicted, labels=range(CLASSES), zero_division=0
    )
    ours = scores_by_class(predicted, gold, CLASSES)
    for name, expected in zip(("precision", "recall", "f1", "support"), measures, strict=True):
        np.testing.assert_allclose(ours[name], expected)
    kept = list(range(1, CLASSES))
    expected = oracle.f1_score(gold, predicted, labels=kept, average="micro", zero_division=0)
    assert micro_f1(predicted, gold, CLASSES, without=0) == pytest.approx(expected)
    expected = oracle.f1_score(gold, predicted, average="micro")
    assert micro_f1(predicted, gold, CLASSES) == pytest.approx(expected)


@pytest.mark.parametrize("levels", [2, 5, 1000])
def test_areas_with_ties(levels):
    random = np.random.default_rng(levels)
    scores, gold = random.integers(0, levels, 60), random.integers(0, 2, 60)
    assert auc(scores, gold) == pytest.approx(oracle.roc_auc_score(gold, scores))
    assert auc(gold, gold) == 1.0 and auc(-gold, gold) == 0.0
    precision, recall, _ = oracle.precision_recall_curve(gold, scores)
    assert auprc(scores, gold) == pytest.approx(oracle.auc(recall, precision))
    none = np.zeros(60, int)
    with pytest.warns(UserWarning):
        precision, recall, _ = oracle.precision_recall_curve(none, scores)
    assert auprc(scores, none) == oracle.auc(recall, precision)


def test_calibration_error_by_its_definition():
    random = np.random.default_rng(0)
    probabilities = random.dirichlet(np.ones(3), 200)
    gold = random.integers(0, 3, 200)
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == gold
    expected = 0.0
    for low in np.arange(15) / 15:
        held = (confidence > low) & (confidence <= low + 1 / 15)
        if held.any():
            expected += held.mean() * abs(right[held].mean() - confidence[held].mean())
    assert calibration_error(probabilities, gold) == pytest.approx(expected)
    assert calibration_error(np.eye(3), np.arange(3)) == 0.0


@pytest.mark.parametrize("seed", range(10))
def test_multi_label(seed):
    random = np.random.default_rng(seed)
    scores = random.integers(0, 5, (30, 4)) / 5
    gold = (random.random((30, 4)) < random.random(4)).astype(int)
    gold[0], gold[1], gold[:, 3] = 0, 1, gold[:, 3] * (seed % 2)
    predicted = (scores > 0.5).astype(int)
    ours = multi_label_f1(predicted, gold)
    for average in ("macro", "micro"):
        expected = oracle.f1_score(gold, predicted, average=average, zero_division=0)
        assert ours[f"{average}_f1"] == pytest.approx(expected)
    expected = oracle.label_ranking_average_precision_score(gold, scores)
    assert ranking_precision(scores, gold) == pytest.approx(expected)
    empty = np.zeros((2, 3), int)
    assert multi_label_f1(empty, empty) == {"macro_f1": 0.0, "micro_f1": 0.0}

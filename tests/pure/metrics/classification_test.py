"""Accuracy, F1 and area under the curve on small cases counted by hand."""

import numpy as np
import pytest

from kortf.metrics.classification import accuracy, auc, f1_by_class, macro_f1

PREDICTED, GOLD = np.array([1, 0, 1, 1]), np.array([1, 0, 0, 1])


def test_by_hand():
    assert accuracy(PREDICTED, GOLD) == 0.75
    np.testing.assert_allclose(f1_by_class(PREDICTED, GOLD, 2), [2 / 3, 0.8])
    assert macro_f1(PREDICTED, GOLD, 2) == pytest.approx((2 / 3 + 0.8) / 2)


def test_a_class_that_never_occurs_has_f1_zero():
    np.testing.assert_allclose(f1_by_class(PREDICTED, GOLD, 3)[2], 0.0)


@pytest.mark.parametrize("levels", [2, 5, 1000])
def test_area_under_the_curve_counts_pairs(levels):
    random = np.random.default_rng(levels)
    scores, gold = random.integers(0, levels, 60), random.integers(0, 2, 60)
    pairs = [(a > b) + (a == b) / 2 for a in scores[gold == 1] for b in scores[gold == 0]]
    assert auc(scores, gold) == pytest.approx(np.mean(pairs), abs=1e-12)
    assert auc(gold, gold) == 1.0 and auc(-gold, gold) == 0.0

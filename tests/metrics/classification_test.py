"""Accuracy and F1 on small cases counted by hand."""

import numpy as np
import pytest

from kortf.metrics.classification import accuracy, f1_by_class, macro_f1

PREDICTED, GOLD = np.array([1, 0, 1, 1]), np.array([1, 0, 0, 1])


def test_by_hand():
    assert accuracy(PREDICTED, GOLD) == 0.75
    np.testing.assert_allclose(f1_by_class(PREDICTED, GOLD, 2), [2 / 3, 0.8])
    assert macro_f1(PREDICTED, GOLD, 2) == pytest.approx((2 / 3 + 0.8) / 2)


def test_a_class_that_never_occurs_has_f1_zero():
    np.testing.assert_allclose(f1_by_class(PREDICTED, GOLD, 3)[2], 0.0)

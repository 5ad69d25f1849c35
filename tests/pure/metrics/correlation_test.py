"""Correlations against their definitions, written out slowly."""

import math

import numpy as np
import pytest
from scipy import stats

from kortf.metrics.correlation import average_ranks, pearson, spearman

RANDOM = np.random.default_rng(0)
# Few different values: many ties, as in scores of human judges.
CASES = [
    (RANDOM.normal(size=n), RANDOM.integers(0, levels, n) / 5)
    for n, levels in [(2, 50), (7, 3), (40, 6), (40, 26), (300, 26)]
]


def slow_pearson(x, y):
    mean_x, mean_y = math.fsum(x) / len(x), math.fsum(y) / len(y)
    both = math.fsum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    ours = math.fsum((a - mean_x) ** 2 for a in x)
    return both / math.sqrt(ours * math.fsum((b - mean_y) ** 2 for b in y))


def slow_ranks(values):
    return [sum(b < a for b in values) + (sum(b == a for b in values) + 1) / 2 for a in values]


@pytest.mark.parametrize("x, y", CASES)
def test_by_definition(x, y):
    assert average_ranks(y).tolist() == slow_ranks(y)
    assert pearson(x, y) == pytest.approx(slow_pearson(x, y), abs=1e-12)
    assert spearman(x, y) == pytest.approx(slow_pearson(slow_ranks(x), slow_ranks(y)), abs=1e-12)


def test_scale_and_place_make_no_difference():
    x, y = CASES[-1]
    assert pearson(x * 1e-200, y * 1e9 - 3) == pytest.approx(pearson(x, y), abs=1e-9)
    assert spearman(np.exp(x), y) == spearman(x, y)
    assert pearson(x.astype(np.float32), y) == pytest.approx(pearson(x, y), abs=1e-6)


def test_extremes():
    x = np.arange(5.0)
    assert pearson(x, 2 * x + 1) == pytest.approx(1) and pearson(x, -x) == pytest.approx(-1)
    assert pearson(x, np.full(5, 0.1)) == 0.0 and spearman(np.zeros(5), x) == 0.0


@pytest.mark.parametrize("x, y", CASES)
def test_scipy(x, y):
    assert pearson(x, y) == pytest.approx(stats.pearsonr(x, y)[0], abs=1e-12)
    assert spearman(x, y) == pytest.approx(stats.spearmanr(x, y)[0], abs=1e-12)

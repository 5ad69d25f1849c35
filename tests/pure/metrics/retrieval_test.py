"""Scores of retrieval equal a slow derivation of their definitions."""

import math
import random

import pytest

from kortf.metrics.retrieval import ndcg, rank, recall, reciprocal_rank


def slow_ndcg(ranked, relevance, k):
    gain = sum(relevance.get(d, 0) / math.log2(i + 2) for i, d in enumerate(ranked[:k]))
    best = sorted(relevance.values())[::-1][:k]
    ideal = sum(value / math.log2(i + 2) for i, value in enumerate(best))
    return gain / ideal if ideal else 0.0


@pytest.mark.parametrize("seed", range(20))
def test_random_rankings(seed):
    draw = random.Random(seed)
    names = [f"d{i}" for i in range(15)]
    relevance = {name: draw.choice([0, 0, 1, 2]) for name in draw.sample(names, draw.randint(1, 8))}
    ranked = draw.sample(names, draw.randint(0, 15))
    relevant = [name for name in relevance if relevance[name]]
    for k in (1, 3, 10):
        assert ndcg(ranked, relevance, k) == pytest.approx(slow_ndcg(ranked, relevance, k))
        hits = [i for i, name in enumerate(ranked[:k], 1) if relevance.get(name)]
        assert reciprocal_rank(ranked, relevance, k) == (1 / hits[0] if hits else 0.0)
        share = len(hits) / len(relevant) if relevant else 0.0
        assert recall(ranked, relevance, k) == pytest.approx(share)


def test_equal_scores_are_ranked_by_falling_id():
    assert rank({"a": 1.0, "c": 1.0, "b": 1.0 + 1e-12, "d": 0.0}) == ["c", "b", "a", "d"]

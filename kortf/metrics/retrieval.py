"""Scores of ranked documents by trec_eval's definitions."""

from collections.abc import Mapping, Sequence

import numpy as np

Relevance = Mapping[str, int]


def rank(scores: Mapping[str, float]) -> list[str]:
    """Return documents by falling score, as trec_eval ranks them.

    Scores are compared in float32. Of equal scores, the document whose id sorts last comes first.

    Example:
        >>> rank({"a": 0.5, "b": 0.9, "c": 0.5})
        ['b', 'c', 'a']
    """
    return sorted(scores, key=lambda name: (np.float32(scores[name]), name), reverse=True)


def ndcg(ranked: Sequence[str], relevance: Relevance, k: int = 10) -> float:
    """Return the normalized discounted cumulative gain of the first `k` documents.

    The gain of a document is its relevance, the discount log2(rank + 1) (Järvelin and Kekäläinen
    2002). The ideal order is that of all judged documents.

    Example:
        >>> round(ndcg(["a", "b", "c"], {"b": 2, "c": 1, "d": 1}, 3), 4)
        0.5627

    Args:
        ranked: Ids of documents, the best first.
        relevance: Id to relevance of the judged documents; others have 0.
        k: Number of documents that count.

    Returns:
        A number in [0, 1]; 0 if no document is relevant.
    """
    gains = [max(relevance.get(name, 0), 0) for name in ranked]
    ideal = sorted((value for value in relevance.values() if value > 0), reverse=True)
    best = _discounted(ideal[:k])
    return _discounted(gains[:k]) / best if best else 0.0


def reciprocal_rank(ranked: Sequence[str], relevance: Relevance, k: int = 10) -> float:
    """Return 1 over the rank of the first relevant document; 0 if none of `k` is relevant.

    Example:
        >>> reciprocal_rank(["a", "b", "c"], {"b": 2, "c": 1})
        0.5

    Args:
        ranked: Ids of documents, the best first.
        relevance: Id to relevance; a document of at least 1 is relevant.
        k: Number of documents that count.
    """
    for place, name in enumerate(ranked[:k], start=1):
        if relevance.get(name, 0) > 0:
            return 1.0 / place
    return 0.0


def recall(ranked: Sequence[str], relevance: Relevance, k: int = 10) -> float:
    """Return the share of the relevant documents that is among the first `k`.

    Example:
        >>> recall(["a", "b", "c"], {"b": 2, "d": 1, "e": 0}, 3)
        0.5

    Args:
        ranked: Ids of documents, the best first.
        relevance: Id to relevance; a document of at least 1 is relevant.
        k: Number of documents that count.

    Returns:
        A number in [0, 1]; 0 if no document is relevant.
    """
    relevant = {name for name, value in relevance.items() if value > 0}
    return len(relevant.intersection(ranked[:k])) / len(relevant) if relevant else 0.0


def _discounted(gains: Sequence[int]) -> float:
    discounts = np.log2(np.arange(2, len(gains) + 2))
    return float(np.sum(np.asarray(gains, np.float64) / discounts))

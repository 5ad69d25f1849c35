"""Scores of embeddings: similarity of pairs, and retrieval among the texts of a part."""

from collections.abc import Callable

import numpy as np

from kortf.metrics.correlation import pearson, spearman

BLOCK = 1024  # anchors whose similarities are in memory at once


def unit(vectors: np.ndarray) -> np.ndarray:
    """Return vectors `[..., dim]` scaled to length 1; a zero vector stays zero."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.maximum(lengths, 1e-12)


def cosines(vectors: np.ndarray) -> np.ndarray:
    """Return the cosines of the first text of each row with the others.

    Args:
        vectors: float32 `[rows, texts, dim]`.

    Returns:
        float32 `[rows, texts - 1]`.
    """
    vectors = unit(vectors)
    return np.einsum("rd,rtd->rt", vectors[:, 0], vectors[:, 1:])


def similarity_scores(similarities: np.ndarray, gold: np.ndarray) -> dict[str, float]:
    """Return Spearman's and Pearson's correlation of similarities `[rows]` with `gold` `[rows]`."""
    return {"spearman": spearman(similarities, gold), "pearson": pearson(similarities, gold)}


def products(anchors: np.ndarray, candidates: np.ndarray) -> np.ndarray:
    """Return the product of each anchor `[anchors, dim]` with each candidate `[candidates, dim]`.

    Of vectors of length 1 it is the cosine.
    """
    return anchors @ candidates.T


def positive_ranks(
    vectors: np.ndarray, positives: list[str], among: Callable = products
) -> np.ndarray:
    """Return the rank of each anchor's positive among the different positives of all rows, from 1.

    Args:
        vectors: float32 `[rows, texts, …]`; anchor, positive and others.
        positives: Texts of the positives, of which equal ones are one candidate.
        among: Function of anchors and candidates, `[…, texts, …]`, to the similarity of each anchor
            with each candidate.
    """
    number: dict[str, int] = {}
    own = np.array([number.setdefault(text, len(number)) for text in positives])
    candidates = vectors[np.unique(own, return_index=True)[1], 1]
    ranks = np.empty(len(own), np.int64)
    for begin in range(0, len(own), BLOCK):
        found = among(vectors[begin : begin + BLOCK, 0], candidates)  # [block, candidates]
        gold = found[np.arange(len(found)), own[begin : begin + BLOCK]]
        ranks[begin : begin + BLOCK] = 1 + (found > gold[:, None]).sum(axis=1)
    return ranks


def retrieval_scores(ranks: np.ndarray, similarities: np.ndarray) -> dict[str, float]:
    """Return how well anchors find their positives, and prefer them to their own negatives.

    Args:
        ranks: Rank of each anchor's positive, int `[rows]`.
        similarities: Similarity of the anchor with the other texts of its row, the positive first:
            float32 `[rows, texts - 1]`.

    Returns:
        `mrr`, `recall_at_1` and, with negatives, `triplet_accuracy`.
    """
    scores = {"mrr": float(np.mean(1.0 / ranks)), "recall_at_1": float(np.mean(ranks == 1))}
    if similarities.shape[1] > 1:
        better = similarities[:, 0] > similarities[:, 1:].max(axis=1)
        scores["triplet_accuracy"] = float(np.mean(better))
    return scores

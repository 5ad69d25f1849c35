"""Block by block, a search finds what a comparison with all vectors finds."""

import numpy as np
import pytest

from kortf.errors import InputError
from kortf.metrics.late_interaction import TokenVectors, max_sim
from kortf.vectors import search as module
from kortf.vectors.search import LateSearch, Search


def best(queries, vectors, k, cosine):
    """Sort all scores."""
    if cosine:
        queries = queries / np.maximum(np.linalg.norm(queries, axis=1, keepdims=True), 1e-12)
        vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    scores = queries @ vectors.T
    rows = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(scores, rows, 1), rows


@pytest.mark.parametrize("similarity", ["cosine", "dot"])
@pytest.mark.parametrize("k", [1, 7, 100])
def test_blocks_find_what_all_vectors_find(monkeypatch, similarity, k):
    monkeypatch.setattr(module, "_SCORES", 40)  # parts of a few queries
    draw = np.random.default_rng(k)
    # Small whole numbers: many equal scores, and no rounding that depends on the blocks.
    queries = draw.integers(-2, 3, (9, 4)).astype(np.float32)
    vectors = draw.integers(-2, 3, (60, 4)).astype(np.float32)
    found = Search(queries, k, similarity)
    for begin, end in ((0, 3), (3, 30), (30, 59), (59, 60)):
        found.add(vectors[begin:end])
    assert found.seen == 60
    scores, rows = best(queries, vectors, k, similarity == "cosine")
    np.testing.assert_allclose(found.scores, scores, atol=1e-6)
    if similarity == "dot":
        np.testing.assert_array_equal(found.rows, rows)


def test_vectors_of_another_size_and_numbers_that_are_not_finite_are_refused():
    found = Search(np.ones((1, 3), np.float32), 2)
    with pytest.raises(InputError):
        found.add(np.ones((2, 4), np.float32))
    found.add(np.ones((2, 3), np.float32))
    with pytest.raises(InputError) as caught:
        found.add(np.array([[1, 2, 3], [1, np.nan, 3]], np.float32), "v.npy")
    assert caught.value.parts[0] == "v.npy, row 4"


def test_blocks_of_texts_find_what_all_texts_find(monkeypatch):
    monkeypatch.setattr(module, "_SCORES", 40)
    draw = np.random.default_rng(0)

    def texts(number):
        # Small whole numbers: many equal scores, and no rounding that depends on the blocks.
        lengths = draw.integers(1, 6, number)
        flat = draw.integers(-2, 3, (lengths.sum(), 4)).astype(np.float32)
        return TokenVectors(flat, lengths)

    queries, documents = texts(7), texts(50)
    found = LateSearch(queries, 9)
    for begin, end in ((0, 2), (2, 30), (30, 50)):
        found.add(documents[begin:end])
    scores = max_sim(queries, documents)
    rows = np.argsort(-scores, axis=1, kind="stable")[:, :9]
    np.testing.assert_array_equal(found.rows, rows)
    np.testing.assert_array_equal(found.scores, np.take_along_axis(scores, rows, 1))
    with pytest.raises(InputError):
        found.add(TokenVectors(np.full((2, 4), np.nan, np.float32), np.array([1, 1])))

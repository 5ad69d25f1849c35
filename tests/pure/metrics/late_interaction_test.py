"""MaxSim of texts of different lengths, block by block, against loops over tokens."""

import numpy as np
import pytest

from kortf.metrics import late_interaction as module
from kortf.metrics.late_interaction import TokenVectors, max_sim, mean_max_sim
from tests.reference.late_interaction import max_sim as slow

DRAW = np.random.default_rng(0)


def texts(*lengths):
    found = [DRAW.normal(size=(length, 4)) for length in lengths]
    return [(x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32) for x in found]


QUERIES, DOCUMENTS = texts(3, 1, 7, 2), texts(5, 0, 2, 1, 9, 4)


def expected(queries, documents):
    return [[slow(q, d) if len(d) else 0.0 for d in documents] for q in queries]


@pytest.mark.parametrize("products", [1, 20, 1 << 24])
def test_blocks_have_the_scores_of_loops(monkeypatch, products):
    monkeypatch.setattr(module, "_PRODUCTS", products)
    queries, documents = TokenVectors.of(QUERIES), TokenVectors.of(DOCUMENTS)
    found = max_sim(queries, documents)
    np.testing.assert_allclose(found, expected(QUERIES, DOCUMENTS), atol=1e-6)
    means = found / np.array([3, 1, 7, 2])[:, None]
    np.testing.assert_allclose(mean_max_sim(queries, documents), means, atol=1e-6)


def test_a_block_holds_no_more_products_than_allowed(monkeypatch):
    monkeypatch.setattr(module, "_PRODUCTS", 40)
    sizes, plain = [], module._scores

    def counted(queries, documents):
        sizes.append(len(queries.flat) * len(documents.flat))
        return plain(queries, documents)

    monkeypatch.setattr(module, "_scores", counted)
    max_sim(TokenVectors.of(QUERIES), TokenVectors.of(DOCUMENTS))
    assert len(sizes) > 4 and max(sizes) <= max(40, 7 * 9)


def test_texts_are_the_same_padded_and_in_parts():
    padded = np.zeros((3, 9, 4), np.float32)
    chosen = [QUERIES[0], DOCUMENTS[4], QUERIES[3]]
    for row, text in zip(padded, chosen, strict=True):
        row[: len(text)] = text
    whole = TokenVectors.of(chosen)
    for other in (
        TokenVectors.of_padded(padded),
        TokenVectors.joined([whole[:1], whole[1:]]),
        whole[0:3],
    ):
        np.testing.assert_array_equal(other.flat, whole.flat)
        np.testing.assert_array_equal(other.lengths, [3, 9, 2])
    assert len(whole[2:2]) == 0 and whole[2:2].flat.shape == (0, 4)

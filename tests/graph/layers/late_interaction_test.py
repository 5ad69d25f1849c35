"""MaxSim against loops over texts and tokens; memory in parts."""

import numpy as np
import pytest
import tensorflow as tf

from kortf.layers import late_interaction as module
from kortf.layers.heads.token_head import TokenHead
from kortf.layers.late_interaction import max_sim, mean_max_sim, similarity, token_counts
from tests.reference.late_interaction import max_sim as slow

DRAW = np.random.default_rng(0)


def texts(lengths, width=5, longest=6):
    """Padded texts `[texts, longest, width]`; one token inside of a text does not count."""
    found = np.zeros((len(lengths), longest, width), np.float32)
    for text, length in zip(found, lengths, strict=True):
        tokens = DRAW.normal(size=(length, width))
        text[:length] = tokens / np.linalg.norm(tokens, axis=1, keepdims=True)
        if length > 2:
            text[1] = 0.0
    return found


QUERIES, DOCUMENTS = texts([1, 4, 6]), texts([2, 6, 3, 5])


def expected(queries, documents):
    return np.array([[slow(query, document) for document in documents] for query in queries])


@pytest.mark.parametrize("products", [1, 100, 2**24])
def test_it_is_the_sum_of_the_best_products(monkeypatch, products):
    monkeypatch.setattr(module, "_PRODUCTS", products)  # parts of one query, of two, of all
    found = max_sim(QUERIES, DOCUMENTS)
    np.testing.assert_allclose(found, expected(QUERIES, DOCUMENTS), atol=1e-6)
    counts = np.array([1, 3, 5])
    np.testing.assert_array_equal(token_counts(QUERIES), counts)
    np.testing.assert_allclose(mean_max_sim(QUERIES, DOCUMENTS), found / counts[:, None], atol=1e-6)


def test_a_negative_product_counts_and_padding_does_not():
    document = np.array([[[-1.0, 0.0], [0.0, 0.0]]], np.float32)
    query = np.array([[[1.0, 0.0], [0.0, 0.0]]], np.float32)
    assert max_sim(query, document).numpy() == [[-1.0]]


@pytest.mark.parametrize("how", ["eager", "graph"])
def test_gradients_in_parts_are_those_of_autodiff(monkeypatch, how):
    upstream = tf.constant(DRAW.normal(size=(3, 4)), tf.float32)

    def gradients(function):
        given = tf.constant(QUERIES), tf.constant(DOCUMENTS)
        with tf.GradientTape() as tape:
            tape.watch(given)
            total = tf.reduce_sum(function(*given) * upstream)
        return tape.gradient(total, given)

    plain = gradients(module._scores)
    monkeypatch.setattr(module, "_PRODUCTS", 100)
    run = gradients if how == "eager" else tf.function(gradients)
    for one, other in zip(run(max_sim), plain, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    for gradient, given in zip(plain, (QUERIES, DOCUMENTS), strict=True):
        assert np.abs(gradient.numpy()[given.any(axis=-1)]).max() > 0.1


def test_the_length_of_texts_may_be_unknown():
    spec = tf.TensorSpec([None, None, 5], tf.float32)
    found = tf.function(max_sim, input_signature=[spec, spec])(QUERIES, DOCUMENTS)
    np.testing.assert_allclose(found, expected(QUERIES, DOCUMENTS), atol=1e-6)


def test_similarity_is_the_mean_of_both_directions():
    first, second = DOCUMENTS, texts([3, 1, 6, 4])
    counts = [np.count_nonzero(side.any(axis=-1), axis=1) for side in (first, second)]
    there, back = np.diag(expected(first, second)), np.diag(expected(second, first))
    found = similarity(first, second)
    np.testing.assert_allclose(found, (there / counts[0] + back / counts[1]) / 2, atol=1e-6)
    np.testing.assert_allclose(similarity(second, first), found, atol=1e-6)
    np.testing.assert_allclose(similarity(first, first), np.ones(4), atol=1e-6)


def test_the_head_gives_each_token_that_counts_a_vector_of_length_one():
    head = TokenHead(3, dtype="float32")
    head.build(5)
    sequence = tf.constant(DRAW.normal(size=(2, 4, 5)), tf.float32)
    mask = np.array([[1, 1, 0, 0], [1, 0, 1, 1]])
    found = head({"sequence": sequence}, tf.constant(mask)).numpy()
    lengths = np.linalg.norm(found, axis=-1)
    np.testing.assert_allclose(lengths, mask, atol=1e-6)
    projected = sequence.numpy() @ head.projection.kernel.numpy()
    np.testing.assert_allclose(
        found[1, 2], projected[1, 2] / np.linalg.norm(projected[1, 2]), atol=1e-6
    )

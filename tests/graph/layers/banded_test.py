"""Banded and chunked attention equal one softmax over the visible keys, gradients included."""

import numpy as np
import pytest
import tensorflow as tf

from kortf.layers.attention.banded import banded_attention, banded_bias
from kortf.layers.attention.chunked import chunked_attention
from tests.reference.attention import masked_attention

REACH = 4


def inputs(length):
    draw = np.random.default_rng(length)
    query, key, value = (
        tf.constant(draw.normal(size=(2, 3, length, 5)), tf.float32) for _ in range(3)
    )
    packs = np.sort(draw.integers(1, 4, (2, length)))
    packs[1, length - length // 3 :] = 0
    return query, key, value, tf.constant(packs, tf.int32)


def value_and_gradients(function, *tensors):
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        found = function(*tensors)
        loss = tf.reduce_sum(tf.sin(found))
    return [found, *tape.gradient(loss, tensors)]


def assert_equal(one, other):
    for a, b in zip(one, other, strict=True):
        np.testing.assert_allclose(a, b, atol=2e-5)


def visible_keys(packs, causal, reach=None):
    """Return which keys each query sees, bool `[batch, queries, keys]`."""
    index = tf.range(packs.shape[1])
    distance = index[:, None] - index[None]
    visible = packs[:, :, None] == packs[:, None]
    if reach is not None:
        visible &= tf.abs(distance) <= reach
    return visible & (distance >= 0) if causal else visible


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("length", [1, 3, 4, 5, 8, 23, 32])
def test_a_band_is_the_attention_of_keys_within_reach(length, causal):
    *tensors, packs = inputs(length)
    visible = visible_keys(packs, causal, REACH)

    @tf.function(autograph=False)
    def fast(query, key, value):
        return banded_attention(query, key, value, banded_bias(packs, REACH, causal))

    slow = value_and_gradients(lambda *x: masked_attention(*x, visible), *tensors)
    assert_equal(value_and_gradients(fast, *tensors), slow)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("chunk", [4, 7, 23, 64])
def test_chunks_of_queries_are_the_attention_of_all(chunk, causal):
    *tensors, packs = inputs(23)
    visible = visible_keys(packs, causal)

    @tf.function(autograph=False)
    def fast(query, key, value):
        return chunked_attention(query, key, value, packs, chunk, causal=causal)

    slow = value_and_gradients(lambda *x: masked_attention(*x, visible), *tensors)
    assert_equal(value_and_gradients(fast, *tensors), slow)


def test_a_length_that_only_the_run_knows():
    *tensors, packs = inputs(23)
    specs = [tf.TensorSpec([None, 3, None, 5])] * 3 + [tf.TensorSpec([None, None], tf.int32)]

    @tf.function(input_signature=specs, autograph=False)
    def fast(query, key, value, packs):
        return banded_attention(query, key, value, banded_bias(packs, REACH))

    visible = visible_keys(packs, False, REACH)
    np.testing.assert_allclose(
        fast(*tensors, packs), masked_attention(*tensors, visible), atol=2e-5
    )


def test_dropout_of_chunks_is_a_function_of_the_seed():
    *tensors, packs = inputs(23)

    def run(seed):
        return chunked_attention(*tensors, packs, 8, 0.5, tf.constant(seed))

    np.testing.assert_array_equal(run([1, 2]), run([1, 2]))
    assert np.abs(run([1, 2]) - run([1, 3])).max() > 0.1
    # Each chunk draws for itself: equal queries get different masks.
    same = [tf.repeat(tensors[0][:, :, :1], 23, axis=2), *tensors[1:]]
    ones = tf.ones_like(packs)
    found = chunked_attention(*same, ones, 8, 0.5, tf.constant([1, 2]))
    assert np.abs(found[:, :, 0] - found[:, :, 8]).max() > 0.1

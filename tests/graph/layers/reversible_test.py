"""Reversible layers: their gradients are those of plain autodiff."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kortf.layers import kernels as kernels
from kortf.layers import random
from kortf.layers.lsh.self_attention import LSHContext, LSHSelfAttention
from kortf.layers.reversible import ReversibleLayer, ReversibleStack
from kortf.layers.transformer import FeedForward

BATCH, LENGTH, DIM, LAYERS = 2, 22, 16, 2
X = np.random.default_rng(0).normal(size=(BATCH, LENGTH, DIM)).astype(np.float32)
GROUPS = np.array([[1] * 9 + [2] * 13, [1] * 18 + [0] * 4], np.int32)


def make(dtype="float32", num_layers=LAYERS, num_groups=None, full=0, **settings):
    keras.utils.set_random_seed(0)
    chunks = settings.pop("feed_forward_chunks", None)
    layers = [
        ReversibleLayer(
            LSHSelfAttention(
                2, num_hashes=3, bucket_size=4, full_attention_length=full, num_local_heads=1,
                dropout=0.2, init_scale=0.3, name="attention", dtype=dtype,
            ),
            FeedForward(24, init_scale=0.3, name="feed_forward", dtype=dtype),
            dropout=0.2, feed_forward_chunks=chunks, name=f"layer_{i}", dtype=dtype,
        )
        for i in range(num_groups or num_layers)
    ]  # fmt: skip
    stack = ReversibleStack(layers, num_layers, dtype=dtype, **settings)
    stack.build((None, None, DIM))
    return stack


def values_and_gradients(stack, x=X, seed=(5, 6)):
    variables = [variable.value for variable in stack.trainable_variables]
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        context = LSHContext(tf.constant(GROUPS), 2, tf.constant([[1, 2], [3, 4]]))
        seeds = random.split(None if seed is None else tf.constant(seed), 3 * stack.num_layers)
        y = tf.cast(stack(x, context=context, seeds=seeds), tf.float32)
        total = tf.reduce_sum(y * tf.cast(tf.range(y.shape[-1]), tf.float32) ** 0.5)
    return y, *map(tf.convert_to_tensor, tape.gradient(total, [x, *variables]))


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"num_groups": 1, "feed_forward_chunks": 3}, marks=pytest.mark.exhaustive),
        pytest.param({}, marks=pytest.mark.exhaustive),
        {"full": 99, "streams": "concatenated"},
    ],
)
def test_gradients_are_those_of_plain_autodiff(settings):
    stack = make(**settings)
    found = tf.function(lambda: values_and_gradients(stack), autograph=False)()
    with kernels.uncompiled():
        expected = tf.function(lambda: values_and_gradients(stack), autograph=False)()
    for one, other in zip(found, expected, strict=True):
        scale = np.abs(other).max()
        np.testing.assert_allclose(one / scale, other / scale, atol=1e-5)


def test_graphs_hardly_grow_with_depth():
    def nodes(num_layers):
        stack = make(num_layers=num_layers)
        graph = (
            tf.function(lambda: values_and_gradients(stack), autograph=False)
            .get_concrete_function()
            .graph
        )
        made = graph.as_graph_def()
        return len(made.node), sum(len(each.node_def) for each in made.library.function)

    (few, shared), (many, same) = nodes(2), nodes(4)
    assert same == shared
    assert many - few < 0.2 * shared  # seeds, weights and calls of two more layers


def test_the_pass_compiles_as_a_whole():
    stack = make(feed_forward_chunks=2)
    compiled = tf.function(lambda: values_and_gradients(stack), jit_compile=True, autograph=False)
    hlo = compiled.experimental_get_compiler_ir()(stage="hlo")
    assert "s64[" not in hlo and "u64[" not in hlo  # nothing is int64
    assert "<=" not in hlo  # no size depends on values
    for one, other in zip(compiled(), values_and_gradients(stack), strict=True):
        scale = np.abs(other).max()
        np.testing.assert_allclose(one / scale, other / scale, atol=1e-4)


def test_gradients_in_bfloat16_are_near_those_in_float32():
    # Without hashing: a vector between two buckets falls into either.
    exact, half = (make(dtype, full=99) for dtype in ("float32", "mixed_bfloat16"))
    for one, other in zip(*map(values_and_gradients, (half, exact)), strict=True):
        assert one.dtype == tf.float32
        assert tf.norm(one - other) < 0.15 * tf.norm(other)


def test_dropout_is_of_its_seed():
    stack = make()
    one, again, other, off = (values_and_gradients(stack, seed=s)[0] for s in
                              ((5, 6), (5, 6), (5, 7), None))  # fmt: skip
    assert (one.numpy() == again.numpy()).all()
    assert np.abs(one - other).max() > 1e-2 and np.abs(one - off).max() > 1e-2


def test_wrong_settings_are_named():
    with pytest.raises(ValueError, match="num_groups=3 does not divide num_layers=2"):
        make(num_groups=3)
    with pytest.raises(ValueError, match="feed_forward_chunks=0: choose 1 or more"):
        make(feed_forward_chunks=0)
    with pytest.raises(ValueError, match="streams='sum': choose one of mean, concatenated"):
        make(streams="sum")

"""The fused parts against plain TensorFlow: same values, same gradients."""

import numpy as np
import pytest
import tensorflow as tf

from kortf.layers import kernels as kernels
from kortf.layers.kernels.compiled import one_kernel
from kortf.layers.random import keep_scale

SEED = tf.constant([3, 8], tf.int32)
EPSILON = 1e-5
RATE = 0.3


def draw(*shape, scale: float = 1.0) -> tf.Tensor:
    return tf.constant(
        np.random.default_rng(len(shape)).normal(scale=scale, size=shape), tf.float32
    )


def assert_same(ours, reference, *inputs):
    """Compares values and gradients of two functions, with a random upstream for each result.

    Ours runs compiled, inside a graph, and as it is, outside of one.
    """

    def run(function):
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            results = tf.nest.flatten(function(*inputs))
            upstream = [draw(*result.shape, scale=2.0) for result in results]
            total = tf.add_n([tf.reduce_sum(r * u) for r, u in zip(results, upstream, strict=True)])
        return results, tape.gradient(total, inputs)

    wanted = tf.nest.flatten(run(reference))
    for results in (run(tf.function(ours, autograph=False)), run(ours)):
        for mine, theirs in zip(tf.nest.flatten(results), wanted, strict=True):
            assert mine.dtype == tf.float32 and mine.shape == theirs.shape
            np.testing.assert_allclose(mine.numpy(), theirs.numpy(), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("approximate", [False, True])
def test_gelu(approximate):
    x = tf.concat([draw(3, 5, scale=2.0), [[-9.0, -1.0, 0.0, 1.0, 9.0]]], axis=0)

    def reference(x):  # in float32 its gradient is a difference of near numbers where x is -5
        return tf.cast(tf.nn.gelu(tf.cast(x, tf.float64), approximate), x.dtype)

    assert_same(lambda x: kernels.gelu(x, approximate), reference, x)


@pytest.mark.parametrize("approximate", [False, True])
def test_geglu(approximate):
    def reference(x):
        first, gate = tf.split(x, 2, axis=-1)
        return tf.nn.gelu(first, approximate) * gate

    assert_same(lambda x: kernels.geglu(x, approximate), reference, draw(3, 10, scale=2.0))


@pytest.mark.parametrize("transpose", [False, True])
def test_dense(transpose):
    kernel = draw(7, 5) if transpose else draw(5, 7)

    def reference(x, kernel, bias):
        return tf.matmul(x, tf.transpose(kernel) if transpose else kernel) + bias

    def ours(x, kernel, bias):
        return kernels.dense(x, kernel, bias, transpose)

    assert_same(
        ours, lambda *inputs: tf.reshape(reference(*inputs), [4, 7]), draw(4, 5), kernel, draw(7)
    )
    x = draw(2, 3, 5)
    flat = tf.reshape(x, [6, 5])
    np.testing.assert_allclose(
        ours(x, kernel, draw(7)), tf.reshape(reference(flat, kernel, draw(7)), [2, 3, 7]), atol=1e-5
    )


@pytest.mark.parametrize("rate", [0.0, RATE])
def test_attention_weights(rate):
    bias = tf.where(tf.constant([[True] * 5, [True, True, False, True, False]]), 0.0, -1e9)
    bias = bias[:, None, None, :]  # (batch, 1, 1, keys)

    def reference(scores):
        weights = tf.nn.softmax(scores + bias)
        return weights * keep_scale(tf.shape(weights), rate, SEED, tf.float32) if rate else weights

    scores = draw(2, 3, 4, 5, scale=3.0)
    assert_same(lambda x: kernels.attention_weights(x, bias, rate, SEED), reference, scores)
    weights = kernels.attention_weights(scores, bias).numpy()
    assert weights[1, :, :, [2, 4]].max() == 0
    np.testing.assert_allclose(weights.sum(-1), 1, rtol=1e-6)


def plain_norm(x, gamma, beta):
    mean, variance = tf.nn.moments(x, axes=[-1], keepdims=True)
    return (x - mean) / tf.sqrt(variance + EPSILON) * gamma + beta


def test_layer_norm():
    assert_same(
        lambda *x: kernels.layer_norm(*x, EPSILON), plain_norm, draw(2, 3, 7), 1 + draw(7), draw(7)
    )


@pytest.mark.parametrize("rate", [0.0, RATE])
def test_dropout_add_norm(rate):
    def reference(x, residual, gamma, beta):
        h = x * keep_scale(tf.shape(x), rate, SEED, tf.float32) if rate else x
        h += residual
        return h, plain_norm(h, gamma, beta)

    assert_same(
        lambda *x: kernels.dropout_add_norm(*x, EPSILON, rate, SEED),
        reference,
        draw(2, 3, 7),
        draw(2, 3, 7, scale=0.5)[::-1],
        1 + draw(7),
        draw(7),
    )


def test_dropout_add_norm_drops_nothing_without_a_seed():
    x, gamma, beta = draw(4, 6), tf.ones(6), tf.zeros(6)
    h, y = kernels.dropout_add_norm(x, x, gamma, beta, EPSILON, RATE, None)
    np.testing.assert_array_equal(h.numpy(), 2 * x.numpy())
    np.testing.assert_allclose(y.numpy(), plain_norm(2 * x, gamma, beta).numpy(), atol=1e-5)


def test_dropout():
    x = draw(50, 40)
    assert_same(
        lambda x: kernels.dropout(x, RATE, SEED),
        lambda x: x * keep_scale(tf.shape(x), RATE, SEED, tf.float32),
        x,
    )
    dropped = kernels.dropout(x, RATE, SEED).numpy() == 0
    assert abs(dropped.mean() - RATE) < 0.05
    assert kernels.dropout(x, RATE, None) is x


def test_cross_entropy():
    labels = tf.constant([0, 6, 3, 3], tf.int32)

    def reference(logits):
        return tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)

    logits = draw(4, 7, scale=5.0)
    assert_same(lambda x: kernels.cross_entropy(x, labels)[0], reference, logits)
    _, correct = kernels.cross_entropy(logits, labels)
    expected = logits.numpy().argmax(-1) == labels.numpy()
    np.testing.assert_array_equal(correct.numpy(), expected)
    _, all_correct = kernels.cross_entropy(logits, tf.argmax(logits, -1, tf.int32))
    assert all_correct.numpy().tolist() == [1, 1, 1, 1]


def everything(x):
    ones, zeros = tf.ones(6), tf.zeros(6)
    x = kernels.gelu(x) + kernels.gelu(x, approximate=True)
    x = kernels.layer_norm(x, ones, zeros, EPSILON)
    x, y = kernels.dropout_add_norm(x, x, ones, zeros, EPSILON, RATE, SEED)
    x = kernels.dropout(kernels.attention_weights(x + y, tf.zeros(6)), RATE, SEED)
    return kernels.cross_entropy(x, tf.constant([0, 5, 2, 3]))[0]


def test_uncompiled_is_plain_tensorflow_and_computes_the_same():
    def plain(x):
        with kernels.uncompiled():
            return everything(x)

    x = draw(4, 6)
    assert_same(plain, everything, x)
    graph = tf.function(plain, autograph=False).get_concrete_function(x).graph.as_graph_def()
    assert not graph.library.function
    assert not any("_gradient_op_type" in node.attr for node in graph.node)
    compiled = (
        tf.function(everything, autograph=False).get_concrete_function(x).graph.as_graph_def()
    )
    assert any(f.attr["_XlaMustCompile"].b for f in compiled.library.function)


def test_outside_of_a_graph_nothing_is_compiled():
    seen = []
    kernel = one_kernel(lambda x: seen.append(tf.executing_eagerly()) or x)
    for rows in (1, 2, 3):
        kernel(tf.zeros([rows]))
    assert seen == [True] * 3  # a compiled kernel is traced, and traced in a graph
    tf.function(kernel, autograph=False)(tf.zeros([4]))
    assert seen[3:] == [False]

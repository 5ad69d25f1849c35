"""Rows in parts against all at once."""

import numpy as np
import pytest
import tensorflow as tf

from kortf.layers import kernels as kernels
from kortf.layers.chunked import in_chunks

NUMBER = tf.TensorSpec([], tf.float32)


def test_in_chunks():
    (found,) = in_chunks(
        lambda weights, x: (weights[0] * x,), [2.0], [[1.0, 2.0, 3.0]], [NUMBER], 2
    )
    assert found.numpy().tolist() == [2.0, 4.0, 6.0]


@pytest.mark.parametrize("chunks", [2, 3, 7, 9])
@pytest.mark.parametrize("how", ["eager", "graph", "compiled"])
def test_values_and_gradients_are_those_of_all_rows_at_once(chunks, how):
    rng = np.random.default_rng(0)
    kernel = tf.constant(rng.normal(size=(4, 5)), tf.float32)
    x = tf.constant(rng.normal(size=(7, 4)), tf.float32)
    labels = tf.constant(rng.integers(0, 5, 7), tf.int32)
    upstream = tf.constant(rng.normal(size=7), tf.float32)

    def function(weights, x, labels):
        loss, correct = kernels.cross_entropy(tf.matmul(x, weights[0]), labels)
        return loss, correct

    def run(chunks):
        with tf.GradientTape() as tape:
            tape.watch([x, kernel])
            loss, correct = in_chunks(function, [kernel], [x, labels], [NUMBER] * 2, chunks)
            total = tf.reduce_sum(loss * upstream)
        return loss, correct, *tape.gradient(total, [x, kernel])

    found = {
        "eager": run,
        "graph": tf.function(run),
        "compiled": tf.function(run, jit_compile=True),
    }
    for one, other in zip(found[how](chunks), run(1), strict=True):
        assert one.shape == other.shape
        np.testing.assert_allclose(one, other, atol=1e-5)

"""Dropout as one kernel."""

import functools

import tensorflow as tf

from kortf.layers.kernels.compiled import one_kernel, own_gradient, to_float
from kortf.layers.random import keep_scale


@functools.cache
def _drop(rate):
    def scale(x, seed):
        return tf.cast(to_float(x) * keep_scale(tf.shape(x), rate, seed, tf.float32), x.dtype)

    return one_kernel(scale)


def dropout(x: tf.Tensor, rate: float, seed: tf.Tensor | None) -> tf.Tensor:
    """Dropout (Srivastava et al. 2014): elements are zeroed at `rate`, the others scaled up.

    Args:
        x: Any shape.
        rate: Share of elements that are dropped.
        seed: int32 `[2]`; None for inference, which returns `x`.

    Returns:
        Tensor of the shape and dtype of `x`.
    """
    if seed is None or rate == 0:
        return x
    scale = _drop(rate)

    @own_gradient
    def run(x):
        return scale(x, seed), lambda upstream: scale(upstream, seed)

    return run(x)

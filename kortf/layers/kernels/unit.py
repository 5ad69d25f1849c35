"""Vectors of one length as one kernel."""

import functools

import tensorflow as tf

from kortf.layers.kernels.compiled import one_kernel, own_gradient, to_float

_EPSILON = 1e-6


def _inverse(x):
    # Over the mean square, so that epsilon means the same for heads of every size.
    return tf.math.rsqrt(tf.reduce_mean(x**2, -1, keepdims=True) + _EPSILON) * x.shape[-1] ** -0.5


def _unit_forward(x, scale):
    x32 = to_float(x)
    return tf.cast(x32 * (_inverse(x32) * scale), x.dtype)


def _unit_backward(x, upstream, scale):
    x32, d = to_float(x), to_float(upstream)
    inverse = _inverse(x32)
    along = tf.reduce_sum(x32 * d, axis=-1, keepdims=True) * inverse**2
    return tf.cast((d - x32 * along) * (inverse * scale), x.dtype)


@functools.cache
def _unit(scale):
    return (
        one_kernel(functools.partial(_unit_forward, scale=scale)),
        one_kernel(functools.partial(_unit_backward, scale=scale)),
    )


def unit(x: tf.Tensor, scale: float = 1.0) -> tf.Tensor:
    """Return vectors of the same direction, all of one length; a vector of zeros stays one.

    Args:
        x: `[…, dim]`.
        scale: The length.

    Returns:
        Tensor of the shape and dtype of `x`.
    """
    forward, backward = _unit(scale)

    @own_gradient
    def run(x):
        return forward(x), lambda upstream: backward(x, upstream)

    return run(x)

"""Rotation of pairs as one kernel."""

import tensorflow as tf

from kortf.layers.kernels.compiled import one_kernel, own_gradient, to_float


def _turn(x, cosines, sines):
    first, second = tf.split(to_float(x), 2, axis=-1)
    turned = [first * cosines - second * sines, second * cosines + first * sines]
    return tf.cast(tf.concat(turned, axis=-1), x.dtype)


_rotate = one_kernel(_turn)


def rotate(x: tf.Tensor, cosines: tf.Tensor, sines: tf.Tensor) -> tf.Tensor:
    """Turn each pair (i, i + dim / 2) of the last axis by an angle.

    Args:
        x: `[batch, heads, seq, dim]`.
        cosines: Cosines of the angles, float32, broadcastable to `[batch, heads, seq, dim / 2]`.
        sines: Likewise. Neither takes a gradient.

    Returns:
        Tensor of the shape and dtype of `x`.
    """

    @own_gradient
    def run(x):
        return _rotate(x, cosines, sines), lambda upstream: _rotate(upstream, cosines, -sines)

    return run(x)

"""Sampling from a softmax as one kernel."""

import tensorflow as tf

from kortf.layers.kernels.compiled import one_kernel, to_float
from kortf.layers.random import row_bits


def _sample(logits, seeds, excluded):
    bits = tf.bitwise.right_shift(row_bits(seeds, logits.shape[-1]), tf.constant(8, tf.uint32))
    # In (0, 1), with room at both ends: the logarithm of neither is infinite.
    uniform = (tf.cast(bits, tf.float32) + 0.5) * 2.0**-24
    drawn = to_float(logits) - tf.math.log(-tf.math.log(uniform))
    barred = tf.range(logits.shape[-1])[None] == excluded[:, None]
    return tf.argmax(tf.where(barred, -float("inf"), drawn), -1, tf.int32)


_gumbel_sample = one_kernel(_sample)


def gumbel_sample(
    logits: tf.Tensor, seeds: tf.Tensor, excluded: tf.Tensor | None = None
) -> tf.Tensor:
    """One draw from each row's softmax, by the Gumbel-max trick (Maddison et al. 2014).

    Args:
        logits: `[rows, classes]`; minus infinity where a class must not be drawn.
        seeds: int32 `[rows, 2]`: the draw depends on this seed alone, not on other rows.
        excluded: int32 `[rows]`, one class that is not drawn; None, or -1, for any.

    Returns:
        int32 `[rows]`. There is no gradient.
    """
    if excluded is None:
        excluded = tf.fill(tf.shape(logits)[:1], -1)
    return _gumbel_sample(tf.stop_gradient(logits), seeds, excluded)

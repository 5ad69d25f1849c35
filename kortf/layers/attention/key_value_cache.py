"""Keys and values that a causal model keeps while it continues a text."""

from collections.abc import Sequence

import tensorflow as tf


class KeyValueCache:
    """Keys and values of the positions before `start`, one pair for each attention of a pass.

    It is functional: an attention takes its pair, in the order of the calls, and leaves a new one
    in `pairs`. So it can be rebuilt inside a loop from the loop's tensors.

    Args:
        pairs: Keys and values, each `[batch, heads, length, head_dim]`, for each attention.
        start: int32 scalar, position of the first new token.
    """

    def __init__(self, pairs: Sequence[tuple[tf.Tensor, tf.Tensor]], start: tf.Tensor):
        self._old = list(pairs)
        self.start = start
        self.pairs: list[tuple[tf.Tensor, tf.Tensor]] = []

    def extend(self, key: tf.Tensor, value: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Add the keys and values of the new positions `[batch, heads, new, head_dim]`.

        Returns:
            All of them, `[batch, heads, length, head_dim]`; what lies after the new ones is zero.
        """
        old = self._old[len(self.pairs)]
        self.pairs.append((self._put(old[0], key), self._put(old[1], value)))
        return self.pairs[-1]

    def _put(self, old: tf.Tensor, new: tf.Tensor) -> tf.Tensor:
        end = self.start + tf.shape(new)[2]
        whole = tf.concat([old[:, :, : self.start], new, old[:, :, end:]], axis=2)
        return tf.ensure_shape(whole, old.shape)

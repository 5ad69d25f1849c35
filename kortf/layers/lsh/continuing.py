"""Visibility of cached keys to the next tokens of a text."""

import tensorflow as tf

from kortf.layers.lsh.neighbours import LAST_RESORT, NEVER


def continuing_bias(
    start: tf.Tensor, new: tf.Tensor, length: int, near: tf.Tensor | None = None
) -> tf.Tensor:
    """Return the bias of the scores of the last causal queries.

    Example: the third token of four
        >>> continuing_bias(2, 1, 4)
        [[0.0, 0.0, -100000.0, -1000000000.0]]

    Args:
        start: int32 scalar, position of the first query.
        new: int32 scalar, how many there are.
        length: Length of the keys.
        near: bool `[…, new, length]`, which keys are in reach; None for all.

    Returns:
        float32 `[…, new, length]`.
    """
    at, key_at = start + tf.range(new)[:, None], tf.range(length)[None]
    seen = key_at <= at if near is None else near & (key_at <= at)
    return tf.where(seen, tf.where(at == key_at, LAST_RESORT, 0.0), NEVER)


def near_in_bucket(buckets: tf.Tensor, start: tf.Tensor, new: tf.Tensor, size: int) -> tf.Tensor:
    """Return the keys among the `size` before a query in its bucket, in any round.

    Example: the last of five tokens, one round, two before it
        >>> near_in_bucket([[1, 1, 0, 1, 1]], 4, 1, 2)
        [[False, True, False, True, True]]

    Args:
        buckets: int32 `[…, rounds, length]`; what comes after the queries does not matter.
        start: int32 scalar, position of the first query.
        new: int32 scalar, how many queries there are.
        size: Number of keys.

    Returns:
        bool `[…, new, length]`.
    """
    buckets = tf.convert_to_tensor(buckets)
    length = buckets.shape[-1]
    at, key_at = start + tf.range(new)[:, None], tf.range(length)[None]
    mine = tf.gather(buckets, start + tf.range(new), axis=-1)
    same = (mine[..., :, None] == buckets[..., None, :]) & (key_at <= at)
    # Places between the two in the bucket: those of its keys that come after this one.
    after = tf.cumsum(tf.cast(same, tf.int32), axis=-1, reverse=True, exclusive=True)
    return tf.reduce_any(same & (after <= size), axis=-3)


def near_in_chunks(start: tf.Tensor, new: tf.Tensor, length: int, size: int) -> tf.Tensor:
    """Return the keys in a query's chunk of the text, or in the one before it.

    Example: chunks of two, the fifth of six tokens
        >>> near_in_chunks(4, 1, 6, 2)
        [[False, False, True, True, True, True]]

    Args:
        start: int32 scalar, position of the first query.
        new: int32 scalar, how many queries there are.
        length: Length of the keys.
        size: Size of a chunk.

    Returns:
        bool `[new, length]`.
    """
    apart = (start + tf.range(new)[:, None]) // size - tf.range(length)[None] // size
    return (apart == 0) | (apart == 1)

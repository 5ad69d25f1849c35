"""Stateless randomness: seeds are tensors, split like keys; the same seed draws the same.

A seed is an int32 tensor `[2]`; `None` in its place means inference (nothing random happens).
"""

import tensorflow as tf


def split(seed: tf.Tensor | None, number: int) -> list[tf.Tensor | None]:
    """Derive `number` independent seeds from one.

    Args:
        seed: int32 `[2]`, or None.
        number: Number of seeds.

    Returns:
        A list of `number` seeds `[2]`; a list of None when `seed` is None.
    """
    if seed is None:
        return [None] * number
    return [part[0] for part in split_rows(seed[None], number)]


def fold_in(seed: tf.Tensor, number: tf.Tensor) -> tf.Tensor:
    """Another seed for each number.

    Args:
        seed: int32 `[2]`.
        number: int32 scalar.

    Returns:
        int32 `[2]`.
    """
    first, second = tf.unstack(tf.bitcast(seed, tf.uint32))
    low = _hash(tf.bitcast(number, tf.uint32), first, second)
    return tf.bitcast(tf.stack([low, _hash(second, first, low)]), tf.int32)


def hashed_bits(shape: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Random 32-bit words, a pure function of (seed, position).

    Each position's counter goes through the 32-bit finaliser of MurmurHash3: ten integer
    instructions a word that a compiler fuses with what consumes them, where the library's
    counter-based generators are kernels of their own that cost five times as much. Good for dropout
    masks, not for cryptography.

    Args:
        shape: Shape of the result.
        seed: int32 `[2]`.

    Returns:
        uint32 tensor of `shape`.
    """
    low, high = tf.unstack(tf.bitcast(seed, tf.uint32))
    counter = tf.reshape(tf.cast(tf.range(tf.reduce_prod(shape)), tf.uint32), shape)
    return _hash(counter, low, high)


def row_bits(seeds: tf.Tensor, columns: int) -> tf.Tensor:
    """Random 32-bit words, in each row a pure function of (its seed, column).

    Args:
        seeds: int32 `[rows, 2]`.
        columns: Columns of the result.

    Returns:
        uint32 `[rows, columns]`.
    """
    words = tf.bitcast(seeds, tf.uint32)
    counter = tf.cast(tf.range(columns), tf.uint32)
    # Hashed before they meet the counter: seeds that differ by little must not give shifted rows.
    low = _hash(words[:, :1], words[:, 1:], words[:, :1])
    return _hash(counter[None], low, words[:, 1:])


def split_rows(seeds: tf.Tensor, number: int) -> list[tf.Tensor]:
    """Derive `number` independent seeds from that of each row.

    Args:
        seeds: int32 `[rows, 2]`.
        number: Number of words; the first ones do not depend on it.

    Returns:
        A list of `number` seeds `[rows, 2]`.
    """
    words = tf.reshape(row_bits(seeds, 2 * number), [-1, number, 2])
    return tf.unstack(tf.bitcast(words, tf.int32), axis=1)


def uniform_rows(seeds: tf.Tensor, columns: int) -> tf.Tensor:
    """Return numbers in [0, 1), in each row a function of its own seed `[rows, 2]` alone.

    Returns:
        float32 `[rows, columns]`.
    """
    bits = tf.bitwise.right_shift(row_bits(seeds, columns), tf.constant(8, tf.uint32))
    return tf.cast(bits, tf.float32) * 2.0**-24


def _hash(counter: tf.Tensor, low: tf.Tensor, high: tf.Tensor) -> tf.Tensor:
    shift, xor = tf.bitwise.right_shift, tf.bitwise.bitwise_xor
    word = xor(counter * tf.constant(0x9E3779B9, tf.uint32) + low, high)
    word = xor(word, shift(word, tf.constant(16, tf.uint32))) * tf.constant(0x85EBCA6B, tf.uint32)
    word = xor(word, shift(word, tf.constant(13, tf.uint32))) * tf.constant(0xC2B2AE35, tf.uint32)
    return xor(word, shift(word, tf.constant(16, tf.uint32)))


def keep_scale(shape: tf.Tensor, rate: float, seed: tf.Tensor, dtype: tf.DType) -> tf.Tensor:
    """Return the multiplier of dropout: 0 with probability `rate`, else `1 / (1 - rate)`.

    Args:
        shape: Shape of the result.
        rate: Share of elements that are dropped, in [0, 1).
        seed: int32 `[2]`.
        dtype: Dtype of the result.

    Returns:
        Tensor of `shape` and `dtype`.
    """
    threshold = tf.constant(min(round(rate * 2**32), 2**32 - 1), tf.uint32)
    kept = hashed_bits(shape, seed) >= threshold
    return tf.cast(kept, dtype) * tf.cast(1.0 / (1.0 - rate), dtype)

"""Rotary position embedding (Su et al. 2021): positions as rotations of queries and keys."""

import tensorflow as tf

from kortf.layers import kernels as kernels

Rotation = tuple[tf.Tensor, tf.Tensor]
"""Cosines and sines, both float32 `[batch or 1, 1, seq, head_dim / 2]`."""


def rotation(positions: tf.Tensor, head_dim: int, base: float = 10000.0) -> Rotation:
    """Return the rotations of positions.

    Args:
        positions: int32 `[batch or 1, seq]`.
        head_dim: Size of a head's vectors; even.
        base: The slowest pair of dimensions turns once in about 6.28 × `base` positions.

    Returns:
        Cosines and sines, one pair for each two dimensions.
    """
    if head_dim % 2:
        raise ValueError(f"rotary positions need heads of even size, not {head_dim}")
    rates = base ** (-tf.range(0, head_dim, 2, dtype=tf.float32) / head_dim)
    angles = tf.cast(positions, tf.float32)[:, None, :, None] * rates
    return tf.cos(angles), tf.sin(angles)


def rotate(x: tf.Tensor, by: Rotation) -> tf.Tensor:
    """Rotate each vector's pair (i, i + head_dim / 2) by its position's angle.

    The product of a rotated query and a rotated key depends on the distance of their positions
    alone.

    Example: at position 0 nothing turns; at position 1 the first pair turns by one radian
        >>> rotate([[[[1.0, 0.0], [1.0, 0.0]]]], rotation([[0, 1]], 2))
        [[[[1.0, 0.0], [0.5403, 0.8415]]]]

    Args:
        x: `[batch, heads, seq, head_dim]`.
        by: Result of `rotation`.

    Returns:
        Tensor of the shape and dtype of `x`.
    """
    return kernels.rotate(tf.convert_to_tensor(x), *by)

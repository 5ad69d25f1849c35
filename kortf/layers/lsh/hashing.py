"""Angular locality-sensitive hashing: near vectors fall into the same bucket."""

import math

import tensorflow as tf

from kortf.layers.random import row_bits


def random_rotations(
    seeds: tf.Tensor, heads: int, dim: int, rounds: int, num_buckets: int
) -> tf.Tensor:
    """Random projections, for each row a pure function of its seed.

    Args:
        seeds: int32 `[batch, 2]`.
        heads: Each of which gets its own.
        dim: Size of the vectors that are hashed.
        rounds: Hash functions.
        num_buckets: Number of each; even, or 1.

    Returns:
        Standard normal float32 `[batch, heads, dim, rounds, num_buckets // 2]`.
    """
    shape = [tf.shape(seeds)[0], heads, dim, rounds, num_buckets // 2]
    numbers = math.prod(shape[1:])
    half = -(-numbers // 2)
    bits = tf.bitwise.right_shift(row_bits(seeds, 2 * half), tf.constant(8, tf.uint32))
    first, second = tf.split((tf.cast(bits, tf.float32) + 0.5) * 2.0**-24, 2, axis=1)
    # Two uniform numbers make two normal ones (Box and Muller 1958).
    radius, angle = tf.sqrt(-2 * tf.math.log(first)), 2 * math.pi * second
    normal = tf.concat([radius * tf.cos(angle), radius * tf.sin(angle)], axis=1)
    return tf.reshape(normal[:, :numbers], shape)


def hash_vectors(vectors: tf.Tensor, rotations: tf.Tensor, num_buckets: int) -> tf.Tensor:
    """The bucket of each vector: the direction, of all projections and their opposites, it is
    nearest to (Andoni et al. 2015; Kitaev et al. 2020, section 2).

    Example: one round that projects on the axes, four buckets: east, north, west, south
        >>> hash_vectors([[1.0, 0.2], [-0.1, 2.0], [-3.0, 1.0]], [[[1.0, 0.0]], [[0.0, 1.0]]], 4)
        [[0, 1, 2]]

    Args:
        vectors: `[…, seq, dim]`; their lengths do not matter.
        rotations: `[…, dim, rounds, num_buckets // 2]`.
        num_buckets: Even, or 1.

    Returns:
        int32 `[…, rounds, seq]`. There is no gradient.
    """
    vectors = tf.stop_gradient(tf.convert_to_tensor(vectors))
    rotations = tf.cast(rotations, vectors.dtype)
    dim, rounds, half = rotations.shape[-3:]
    shape = tf.shape(vectors)[:-1]
    if num_buckets == 1:
        return tf.zeros(tf.concat([shape[:-1], [rounds], shape[-1:]], 0), tf.int32)
    flat = tf.reshape(rotations, tf.concat([tf.shape(rotations)[:-3], [dim, rounds * half]], 0))
    # Spread by hand: TensorFlow's own broadcast of a product breaks the heap on some CPUs.
    flat = tf.broadcast_to(flat, tf.concat([shape[:-1], [dim, rounds * half]], axis=0))
    turned = tf.reshape(tf.matmul(vectors, flat), tf.concat([shape, [rounds, half]], axis=0))
    buckets = _nearest(turned, half)  # (…, seq, rounds)
    axes = list(range(vectors.shape.rank - 2))
    return tf.transpose(buckets, [*axes, len(axes) + 1, len(axes)])  # (…, rounds, seq)


def _nearest(turned: tf.Tensor, half: int) -> tf.Tensor:
    return tf.argmax(tf.concat([turned, -turned], axis=-1), axis=-1, output_type=tf.int32)

"""Sort positions by bucket, and back."""

import tensorflow as tf

LARGEST = 2**31 - 1


def sort_by_bucket(
    buckets: tf.Tensor, num_buckets: int, groups: tf.Tensor | None = None, num_groups: int = 1
) -> tf.Tensor:
    """Positions in the order of (group, bucket, position).

    The keys carry the position, so that the order within a bucket is that of the text.

    Example:
        >>> sort_by_bucket([[[1, 0, 1, 0]]], 2)
        [[[1, 3, 0, 2]]]
        >>> sort_by_bucket([[[1, 0, 1, 0]]], 2, groups=[[1, 1, 0, 1]])
        [[[1, 3, 0, 2]]]

    Args:
        buckets: int32 `[batch, rounds, seq]`, each below `num_buckets`.
        num_buckets: Number of buckets.
        groups: int32 `[batch, seq]`, the packed example from 1 on; values below 1 come last.
        num_groups: The largest of them.

    Returns:
        int32 `[batch, rounds, seq]`: the position that comes first, second, ….

    Raises:
        ValueError: The keys would not fit 32 bits.
    """
    buckets = tf.convert_to_tensor(buckets)
    length = buckets.shape[-1]
    position = tf.range(length, dtype=tf.int32)
    if max(num_buckets, num_groups + 2) * length > LARGEST:
        raise ValueError(f"{num_buckets} buckets for {length} positions are too many to sort")
    if groups is None:
        return tf.sort(buckets * length + position) % length
    groups = tf.convert_to_tensor(groups)
    ranks = tf.where(groups > 0, groups, num_groups + 1)[:, None]  # (batch, 1, seq)
    if (num_groups + 2) * num_buckets * length <= LARGEST:
        return tf.sort((ranks * num_buckets + buckets) * length + position) % length
    order = tf.sort(buckets * length + position) % length
    ranks = tf.gather(tf.broadcast_to(ranks, tf.shape(order)), order, batch_dims=2)
    return tf.gather(order, tf.sort(ranks * length + position) % length, batch_dims=2)


def places(order: tf.Tensor) -> tf.Tensor:
    """Return the inverse permutation of an order.

    Example:
        >>> places([[[1, 3, 0, 2]]])
        [[[2, 0, 3, 1]]]

    Args:
        order: int32 `[batch, rounds, seq]`, each row a permutation.

    Returns:
        int32 `[batch, rounds, seq]`.
    """
    order = tf.convert_to_tensor(order)
    length = order.shape[-1]
    rows = tf.reshape(order, [-1, length])
    index = tf.reshape(rows + tf.range(tf.shape(rows)[0])[:, None] * length, [-1, 1])
    # Not tf.math.invert_permutation, which XLA takes for one whose size can change.
    position = tf.tile(tf.range(length), tf.shape(rows)[:1])
    found = tf.tensor_scatter_nd_update(tf.zeros_like(position), index, position)
    return tf.reshape(found, [-1, *order.shape[1:]])


def take(rows: tf.Tensor, index: tf.Tensor) -> tf.Tensor:
    """Read the vectors of each row at its own indices.

    Example: sorting and unsorting
        >>> take([[7.0, 8.0, 9.0]], [[2, 0, 1]])
        [[9.0, 7.0, 8.0]]

    Args:
        rows: `[batch, seq, …]`.
        index: int32 `[batch, …]`.

    Returns:
        `[batch, …, …]`: the shape of `index`, then that of what is read.
    """
    return tf.gather(tf.convert_to_tensor(rows), index, batch_dims=1)

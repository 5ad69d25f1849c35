"""Cutting a sorted sequence into chunks, and seeing what lies beside them."""

import tensorflow as tf


def chunk(x: tf.Tensor, size: int) -> tf.Tensor:
    """Cuts the last axis into chunks.

    Example:
        >>> chunk([[1, 2, 3, 4]], 2)
        [[[1, 2], [3, 4]]]

    Args:
        x: `[batch, …, seq]`, where `size` divides `seq`.
        size: places a chunk.

    Returns:
        `[batch, …, seq // size, size]`.
    """
    x = tf.convert_to_tensor(x)
    return tf.reshape(x, [-1, *x.shape[1:-1], x.shape[-1] // size, size])


def look_around(chunks: tf.Tensor, ahead: bool, fill: int) -> tf.Tensor:
    """Each chunk with the one before it and, if asked, the one after it.

    Before the first and after the last there is nothing: what is there is not looked at.

    Example:
        >>> look_around([[1, 2], [3, 4]], ahead=False, fill=-1)
        [[-1, -1, 1, 2], [1, 2, 3, 4]]
        >>> look_around([[1, 2], [3, 4]], ahead=True, fill=-1)
        [[-1, -1, 1, 2, 3, 4], [1, 2, 3, 4, -1, -1]]

    Args:
        chunks: `[…, chunks, size]`.
        ahead: whether to look ahead as well.
        fill: what stands where there is nothing.

    Returns:
        `[…, chunks, 2 or 3 times size]`.
    """
    chunks = tf.convert_to_tensor(chunks)
    nothing = tf.fill(tf.shape(chunks[..., :1, :]), tf.constant(fill, chunks.dtype))
    parts = [tf.concat([nothing, chunks[..., :-1, :]], axis=-2), chunks]
    if ahead:
        parts.append(tf.concat([chunks[..., 1:, :], nothing], axis=-2))
    return tf.concat(parts, axis=-1)


def fold(windows: tf.Tensor, ahead: bool) -> tf.Tensor:
    """What `look_around` has spread, summed where it came from: the gradient of it.

    Example:
        >>> fold([[[5.0], [1.0]], [[2.0], [3.0]]], ahead=False)
        [[[3.0]], [[3.0]]]

    Args:
        windows: `[…, chunks, 2 or 3 times size, dim]`.
        ahead: as it was given to `look_around`.

    Returns:
        `[…, chunks, size, dim]`.
    """
    before, own, *after = tf.split(tf.convert_to_tensor(windows), 3 if ahead else 2, axis=-2)
    nothing = tf.zeros_like(own[..., :1, :, :])
    total = own + tf.concat([before[..., 1:, :, :], nothing], axis=-3)
    if ahead:
        total += tf.concat([nothing, after[0][..., :-1, :, :]], axis=-3)
    return total

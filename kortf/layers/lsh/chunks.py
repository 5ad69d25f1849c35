"""Cut a sorted sequence into chunks, and join each with its neighbours."""

import tensorflow as tf


def chunk(x: tf.Tensor, size: int) -> tf.Tensor:
    """Cut the last axis into chunks.

    Example:
        >>> chunk([[1, 2, 3, 4]], 2)
        [[[1, 2], [3, 4]]]

    Args:
        x: `[batch, …, seq]`, where `size` divides `seq`.
        size: Places a chunk.

    Returns:
        `[batch, …, seq // size, size]`.
    """
    x = tf.convert_to_tensor(x)
    return tf.reshape(x, [-1, *x.shape[1:-1], x.shape[-1] // size, size])


def look_around(chunks: tf.Tensor, ahead: bool, fill: int) -> tf.Tensor:
    """Join each chunk with the one before it and, if `ahead`, the one after it.

    Places before the first chunk and after the last one are filled with `fill`.

    Example:
        >>> look_around([[1, 2], [3, 4]], ahead=False, fill=-1)
        [[-1, -1, 1, 2], [1, 2, 3, 4]]
        >>> look_around([[1, 2], [3, 4]], ahead=True, fill=-1)
        [[-1, -1, 1, 2, 3, 4], [1, 2, 3, 4, -1, -1]]

    Args:
        chunks: `[…, chunks, size]`.
        ahead: Whether to look ahead as well.
        fill: Value of places without a neighbour.

    Returns:
        `[…, chunks, 2 or 3 times size]`.
    """
    chunks = tf.convert_to_tensor(chunks)
    nothing = tf.fill(tf.shape(chunks[..., :1, :]), tf.constant(fill, chunks.dtype))
    parts = [tf.concat([nothing, chunks[..., :-1, :]], axis=-2), chunks]
    if ahead:
        parts.append(tf.concat([chunks[..., 1:, :], nothing], axis=-2))
    return tf.concat(parts, axis=-1)


def spread(places: tf.Tensor, length: int, size: int, ahead: bool) -> tf.Tensor:
    """Return the places of each position in all windows of `look_around`.

    The last chunk has one window fewer than the others. The unused place before the first chunk
    takes its missing entry.

    Example: the first position is sorted first of four, the second one last: it is the fourth place
        of the second window, and takes the unused place of the first window
        >>> spread([[[0], [3]]], length=4, size=2, ahead=False)
        [[[[2, 4]], [[7, 1]]]]

    Args:
        places: int32 `[batch, seq, rounds]`, in the sorted sequence of the round.
        length: Length of that sequence.
        size: Places a chunk.
        ahead: Argument of `look_around`.

    Returns:
        int32 `[batch, seq, rounds, 2 or 3]`: places in the concatenated windows of a round.
    """
    places = tf.convert_to_tensor(places)
    chunks, window = length // size, size * (3 if ahead else 2)
    own, offset = places // size, places % size
    found = [own * window + size, (own + 1) % chunks * window]
    if ahead:
        found.append((own - 1) % chunks * window + 2 * size)
    return tf.stack(found, axis=-1) + offset[..., None]

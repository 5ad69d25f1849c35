"""Cut parts out of strings by characters, in the graph."""

import tensorflow as tf


def cut(strings: tf.Tensor, owners: tf.Tensor, starts: tf.Tensor, ends: tf.Tensor) -> tf.Tensor:
    """Cut parts out of strings; the work grows with the strings and parts, not their product.

    Example:
        >>> cut(["세종대왕이", "서울에"], [0, 1, 1], [0, 0, 2], [4, 2, 2])
        ['세종대왕', '서울', '']

    Args:
        strings: tf.string `[batch]`.
        owners: int32 `[parts]`, the string of each part.
        starts: int32 `[parts]`, first character.
        ends: int32 `[parts]`, exclusive.

    Returns:
        tf.string `[parts]`.
    """
    chars = tf.strings.unicode_split(strings, "UTF-8", errors="replace")
    chars = chars.with_row_splits_dtype(tf.int32)
    base = tf.gather(chars.row_starts(), owners)
    places = tf.ragged.range(base + starts, base + ends, row_splits_dtype=tf.int32)
    parts = tf.gather(chars.flat_values, places.flat_values)
    return tf.strings.unsorted_segment_join(parts, places.value_rowids(), tf.size(owners))

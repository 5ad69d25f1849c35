"""Pieces of one or two texts as the row that an encoder reads, in training and in serving."""

from collections.abc import Sequence

import tensorflow as tf


def pack_segments(
    parts: Sequence[tf.RaggedTensor], max_length: int, cls_id: int, sep_id: int
) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
    """Puts the special tokens around one or two segments, cut to length, the second one first.

    Example: with [CLS] = 2, [SEP] = 3 and `max_length=8`
        >>> pack_segments([[[11, 12]], [[13, 14, 15, 16]]], 8, 2, 3)
        ([[2, 11, 12, 3, 13, 14, 15, 3]], [[0, 0, 0, 0, 1, 1, 1, 1]])

    Args:
        parts: ragged int32 `[batch, None]`, one for each segment.
        max_length: longest row.
        cls_id: id of [CLS].
        sep_id: id of [SEP].

    Returns:
        `(token_ids, segment_ids)`, ragged int32 `[batch, None]` with int32 row splits.
    """
    # Row splits in int32: for int64, oneDNN complains on stderr on machines without AVX-512.
    parts = [part.with_row_splits_dtype(tf.int32) for part in parts]
    room = max_length - 1 - len(parts)
    rows = parts[0].nrows(out_type=tf.int32)
    cls, sep = (tf.fill([rows, 1], tf.constant(i, tf.int32)) for i in (cls_id, sep_id))
    ids, segments = [cls], [tf.zeros_like(cls)]
    left = tf.fill([rows], room)
    for number, part in enumerate(parts):
        # What the first leaves is the second's, so the second is cut first, but for one piece.
        reserve = 1 if number + 1 < len(parts) else 0
        taken = tf.minimum(part.row_lengths(), left - reserve)
        part = tf.ragged.boolean_mask(part, _first(part, taken))
        left -= taken
        ids += [part, sep]
        segments += [tf.zeros_like(part) + number, tf.zeros_like(sep) + number]
    return tf.concat(ids, axis=1), tf.concat(segments, axis=1)


def _first(part: tf.RaggedTensor, number: tf.Tensor) -> tf.RaggedTensor:
    position = tf.ragged.range(part.row_lengths(), row_splits_dtype=tf.int32)
    limit = tf.repeat(number, part.row_lengths())
    return part.with_flat_values(position.flat_values < limit)

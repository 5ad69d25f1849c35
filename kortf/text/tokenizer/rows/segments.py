"""Rows of one or two segments with their special tokens, for training and for serving."""

from collections.abc import Sequence

import tensorflow as tf

from kortf.text.vocabulary.pair_layout import BERT, PairLayout

TRUNCATIONS = ("longest_first", "second_first")


def pack_segments(
    parts: Sequence[tf.RaggedTensor],
    max_length: int,
    cls_id: int,
    sep_id: int,
    truncation: str = TRUNCATIONS[0],
    layout: PairLayout = BERT,
) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
    """Add special tokens to one or two segments and truncate them to `max_length`.

    `longest_first` cuts the longer segment until both have one length, then both, as transformers
    does. The original BERT code differs from it by one piece, in favour of the first segment, where
    both are cut and the room is odd. `second_first` cuts the second segment down to one piece
    before it touches the first.

    Example: with [CLS] = 2, [SEP] = 3 and `max_length=8`
        >>> pack_segments([[[11, 12]], [[13, 14, 15, 16]]], 8, 2, 3)
        ([[2, 11, 12, 3, 13, 14, 15, 3]], [[0, 0, 0, 0, 1, 1, 1, 1]])

    Args:
        parts: Ragged int32 `[batch, None]`, one for each segment.
        max_length: Length of the longest row, special tokens included.
        cls_id: Id of [CLS].
        sep_id: Id of [SEP].
        truncation: `longest_first` or `second_first`.
        layout: Special tokens of a pair.

    Returns:
        `(token_ids, segment_ids)`, ragged int32 `[batch, None]` with int32 row splits.

    Raises:
        ValueError: If `truncation` is unknown, or `max_length` leaves no room for text.
    """
    check_room(max_length, len(parts), layout)
    # Row splits in int32: for int64, oneDNN complains on stderr on machines without AVX-512.
    parts = [part.with_row_splits_dtype(tf.int32) for part in parts]
    room = max_length - layout.special_tokens(len(parts))
    lengths = _kept([part.row_lengths() for part in parts], room, truncation)
    # All values that a row may hold, [CLS] and the [SEP] of each segment before the pieces. A row
    # is a few ranges of them: few operations, because a served model does this for each request.
    behind = [layout.separators, 1] if len(parts) == 2 else [1]  # [SEP] behind each segment
    owner = [0, layout.segment][: len(parts)]
    special = 1 + sum(behind)
    values = [[cls_id], [sep_id] * sum(behind), *(part.flat_values for part in parts)]
    values = tf.concat(values, axis=0)
    owners = [[0], [i for i, times in zip(owner, behind, strict=True) for _ in range(times)]]
    owners += [tf.fill(tf.shape(p.flat_values), i) for p, i in zip(parts, owner, strict=True)]
    one = tf.ones_like(lengths[0])
    starts, counts, first = [0 * one], [one], special
    for i, (part, length) in enumerate(zip(parts, lengths, strict=True)):
        starts += [part.row_starts() + first, one * (1 + sum(behind[:i]))]
        counts += [length, one * behind[i]]
        first += tf.size(part.flat_values)
    begin = tf.reshape(tf.stack(starts, axis=1), [-1])  # (batch * ranges)
    end = begin + tf.reshape(tf.stack(counts, axis=1), [-1])
    ranges = tf.ragged.range(begin, end, row_splits_dtype=tf.int32)
    splits = ranges.row_splits[:: len(starts)]

    def rows(source: tf.Tensor) -> tf.RaggedTensor:
        flat = tf.gather(source, ranges.flat_values)
        return tf.RaggedTensor.from_row_splits(flat, splits, validate=False)

    return rows(values), rows(tf.concat(owners, axis=0))


def check_room(max_length: int, segments: int, layout: PairLayout = BERT) -> None:
    """Refuse a length that leaves no piece of text in a row.

    Args:
        max_length: Length of the longest row, special tokens included.
        segments: Number of segments in a row.
        layout: Special tokens of a pair.

    Raises:
        ValueError: If there is no room for one piece of each segment.
    """
    least = 1 + 2 * segments + (layout.separators - 1 if segments > 1 else 0)
    if max_length < least:
        raise ValueError(f"max_length={max_length}: leaves no room for text, at least {least}")


def _kept(lengths: Sequence[tf.Tensor], room: int, truncation: str) -> list[tf.Tensor]:
    """Number of pieces of each segment that stay, int32 `[batch]` each."""
    if truncation not in TRUNCATIONS:
        raise ValueError(f"truncation='{truncation}': choose one of {', '.join(TRUNCATIONS)}")
    if len(lengths) == 1:
        return [tf.minimum(lengths[0], room)]
    first, second = lengths
    if truncation == "second_first":
        first = tf.minimum(first, room - 1)
        return [first, tf.minimum(second, room - first)]
    shorter = tf.minimum(tf.minimum(first, second), room // 2)
    longer = tf.minimum(tf.maximum(first, second), room - shorter)
    is_first_longer = first > second
    return [
        tf.where(is_first_longer, longer, shorter),
        tf.where(is_first_longer, shorter, longer),
    ]

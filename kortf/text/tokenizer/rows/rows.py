"""Rows of pieces as an encoder reads them; a text may have several."""

from collections.abc import Sequence
from typing import NamedTuple

import tensorflow as tf

from kortf.text.tokenizer.rows.segments import TRUNCATIONS, pack_segments
from kortf.text.vocabulary.vocabulary import Vocabulary

Values = tf.Tensor | tf.RaggedTensor


class Rows(NamedTuple):
    """Rows of encoded texts, in training and in serving.

    Attributes:
        token_ids: Ragged int32 `[rows, None]` with int32 row splits.
        segment_ids: Ragged int32 `[rows, None]`.
        owners: int32 `[rows]`, number of the text that a row belongs to, ascending.
        features: Further inputs of a head by name: ragged `[rows, None]` with a value for each
            token, or dense `[rows, …]`.
        truncated: int32 `[texts]`, number of pieces of each text that are in none of its rows.
    """

    token_ids: tf.RaggedTensor
    segment_ids: tf.RaggedTensor
    owners: tf.Tensor
    features: dict[str, Values]
    truncated: tf.Tensor


def rows_of_segments(
    parts: Sequence[tf.RaggedTensor],
    max_length: int,
    vocabulary: Vocabulary,
    truncation: str = TRUNCATIONS[0],
) -> Rows:
    """Pack each text, or pair of texts, into one row with a vocabulary's special tokens.

    Args:
        parts: Ragged int32 `[batch, None]`, one for each segment.
        max_length: Length of the longest row, special tokens included.
        vocabulary: Vocabulary of the pieces.
        truncation: Segment that is truncated first, as in `pack_segments`.
    """
    ids, segments = pack_segments(
        parts, max_length, vocabulary.cls_id, vocabulary.sep_id, truncation, vocabulary.pair_layout
    )
    pieces = tf.add_n([tf.cast(part.row_lengths(), tf.int32) for part in parts])
    special = vocabulary.pair_layout.special_tokens(len(parts))
    truncated = pieces - (ids.row_lengths() - special)
    return Rows(ids, segments, tf.range(ids.nrows(out_type=tf.int32)), {}, truncated)


def take(rows: Rows, index: tf.Tensor) -> Rows:
    """Return the rows at `index` int32 `[n]`; truncation is counted for whole texts only."""
    return Rows(
        tf.gather(rows.token_ids, index),
        tf.gather(rows.segment_ids, index),
        tf.gather(rows.owners, index),
        {name: tf.gather(values, index) for name, values in rows.features.items()},
        rows.truncated[:0],
    )


def padded(rows: Rows, pad_id: int, length: tf.Tensor | None = None) -> dict[str, tf.Tensor]:
    """Pad rows to the dense features that an encoder and its head read.

    Args:
        rows: Rows to pad.
        pad_id: Id of [PAD].
        length: Length of the result; that of the longest row if None.

    Returns:
        `token_ids`, `segment_ids`, `padding_mask`, each `[rows, length]`, and the rows' features,
        padded with zeros.
    """
    lengths = rows.token_ids.row_lengths()
    if length is None:  # 1: there may be no rows
        length = tf.reduce_max(tf.concat([lengths, [1]], axis=0))
    shape = tf.stack([-1, length])
    features = {
        name: values.to_tensor(shape=shape) if isinstance(values, tf.RaggedTensor) else values
        for name, values in rows.features.items()
    }
    return features | {
        "token_ids": rows.token_ids.to_tensor(pad_id, shape=shape),
        "segment_ids": rows.segment_ids.to_tensor(shape=shape),
        "padding_mask": tf.sequence_mask(lengths, length),
    }

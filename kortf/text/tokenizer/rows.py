"""Rows of pieces as an encoder reads them, several of which may stand for one text."""

from collections.abc import Sequence
from typing import NamedTuple

import tensorflow as tf

from kortf.text.tokenizer.segments import pack_segments
from kortf.text.vocabulary.vocabulary import Vocabulary

Values = tf.Tensor | tf.RaggedTensor


class Rows(NamedTuple):
    """Rows, in training and in serving.

    Attributes:
        token_ids: ragged int32 `[rows, None]`, row splits too.
        segment_ids: likewise.
        owners: int32 `[rows]`, the text that a row belongs to, ascending.
        features: what a head reads besides, by name: ragged `[rows, None]` with a value for each
            token, or dense `[rows, …]`.
    """

    token_ids: tf.RaggedTensor
    segment_ids: tf.RaggedTensor
    owners: tf.Tensor
    features: dict[str, Values]


def rows_of_segments(
    parts: Sequence[tf.RaggedTensor], max_length: int, vocabulary: Vocabulary
) -> Rows:
    """One row a text, or a pair of texts: `pack_segments` with a vocabulary's special tokens.

    Args:
        parts: ragged int32 `[batch, None]`, one for each segment.
        max_length: longest row; the last segment is cut first.
        vocabulary: of the pieces.
    """
    packed = pack_segments(parts, max_length, vocabulary.cls_id, vocabulary.sep_id)
    return Rows(*packed, tf.range(packed[0].nrows(out_type=tf.int32)), {})


def take(rows: Rows, index: tf.Tensor) -> Rows:
    """The rows at `index` int32 `[n]`."""
    return Rows(
        tf.gather(rows.token_ids, index),
        tf.gather(rows.segment_ids, index),
        tf.gather(rows.owners, index),
        {name: tf.gather(values, index) for name, values in rows.features.items()},
    )


def padded(rows: Rows, pad_id: int, length: tf.Tensor | None = None) -> dict[str, tf.Tensor]:
    """What an encoder and its head read.

    Args:
        rows: to be padded.
        pad_id: of the padding.
        length: to which; that of the longest row if None.

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

"""Long contexts as overlapping windows beside their question, in training and in serving."""

from typing import NamedTuple

import tensorflow as tf


class Windows(NamedTuple):
    """Rows that an encoder reads, one or several for each example.

    Attributes:
        token_ids: `[CLS] question [SEP] part of the context [SEP]`, ragged int32 `[windows, None]`.
        segment_ids: 0, and 1 from the context on; likewise.
        owners: int32 `[windows]`, the example that a window belongs to, ascending.
        firsts: int32 `[windows]`, which piece of the context a window begins with.
        begins: int32 `[windows]`, where in the row that piece stands.
        lengths: int32 `[windows]`, how many pieces of the context it holds.
    """

    token_ids: tf.RaggedTensor
    segment_ids: tf.RaggedTensor
    owners: tf.Tensor
    firsts: tf.Tensor
    begins: tf.Tensor
    lengths: tf.Tensor


def make_windows(
    questions: tf.RaggedTensor,
    contexts: tf.RaggedTensor,
    max_length: int,
    stride: int,
    max_question: int,
    cls_id: int,
    sep_id: int,
) -> Windows:
    """Cuts contexts into windows (Devlin et al. 2019, section 4.2), each behind the question.

    A window begins `stride` pieces behind the one before it; the last one ends with the context.

    Example: with [CLS] = 2 and [SEP] = 3, a window has room for four pieces of the context
        >>> windows = make_windows([[11]], [[21, 22, 23, 24, 25, 26]], 8, 3, 4, 2, 3)
        >>> windows.token_ids
        [[2, 11, 3, 21, 22, 23, 24, 3], [2, 11, 3, 24, 25, 26, 3]]
        >>> windows.owners, windows.firsts, windows.begins, windows.lengths
        [0, 0], [0, 3], [3, 3], [4, 3]

    Args:
        questions: ragged int32 `[batch, None]`.
        contexts: ragged int32 `[batch, None]`.
        max_length: longest row.
        stride: pieces from one window's begin to the next; less where a window has not so much
            room.
        max_question: pieces of the question that are kept, its first ones.
        cls_id: id of [CLS].
        sep_id: id of [SEP].

    Returns:
        The windows, at least one for each example.
    """
    # Row splits in int32: for int64, oneDNN complains on stderr on machines without AVX-512.
    questions = questions.with_row_splits_dtype(tf.int32)[:, : min(max_question, max_length - 4)]
    contexts = contexts.with_row_splits_dtype(tf.int32)
    room = max_length - 3 - questions.row_lengths()  # (batch)
    step = tf.minimum(stride, room)
    total = contexts.row_lengths()
    counts = 1 + tf.maximum(total - room + step - 1, 0) // step

    owners = tf.repeat(tf.range(questions.nrows(out_type=tf.int32)), counts)
    number = tf.ragged.range(counts, row_splits_dtype=tf.int32).flat_values
    firsts = number * tf.gather(step, owners)
    lengths = tf.minimum(tf.gather(room, owners), tf.gather(total, owners) - firsts)
    starts = tf.gather(contexts.row_starts(), owners) + firsts
    places = tf.ragged.range(starts, starts + lengths, row_splits_dtype=tf.int32)
    part = tf.gather(contexts.flat_values, places)
    question = tf.gather(questions, owners)

    windows = tf.shape(owners)[0]
    cls, sep = (tf.fill([windows, 1], tf.constant(i, tf.int32)) for i in (cls_id, sep_id))
    zero, one = tf.zeros_like(cls), tf.ones_like(sep)
    return Windows(
        tf.concat([cls, question, sep, part, sep], axis=1),
        tf.concat([zero, tf.zeros_like(question), zero, tf.ones_like(part), one], axis=1),
        owners,
        firsts,
        question.row_lengths() + 2,
        lengths,
    )

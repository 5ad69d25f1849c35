"""Overlapping windows over long texts, with or without a question, for training and serving."""

from typing import NamedTuple

import tensorflow as tf

from kortf.text.tokenizer.rows.segments import check_room
from kortf.text.vocabulary.pair_layout import BERT, PairLayout


class Windows(NamedTuple):
    """Rows of windows, one or several for each example.

    Attributes:
        token_ids: `[CLS] question [SEP] part of the context [SEP]`, or `[CLS] part [SEP]`, with the
            separators of the layout; ragged int32 `[windows, None]`.
        segment_ids: Ragged int32 `[windows, None]`: the layout's segment from the context on where
            there is a question, else 0.
        owners: int32 `[windows]`, number of the example that a window belongs to, ascending.
        firsts: int32 `[windows]`, number of the first piece of the context in the window.
        begins: int32 `[windows]`, position of that piece in the row.
        lengths: int32 `[windows]`, number of pieces of the context in the window.
        pieces: Shaped as `token_ids`; the number of each token among the pieces of all contexts,
            counted from 1; 0 for tokens outside of the context.
    """

    token_ids: tf.RaggedTensor
    segment_ids: tf.RaggedTensor
    owners: tf.Tensor
    firsts: tf.Tensor
    begins: tf.Tensor
    lengths: tf.Tensor
    pieces: tf.RaggedTensor


def make_windows(
    questions: tf.RaggedTensor | None,
    contexts: tf.RaggedTensor,
    max_length: int,
    stride: int,
    max_question: int,
    cls_id: int,
    sep_id: int,
    overlap: int = 1,
    layout: PairLayout = BERT,
) -> Windows:
    """Cut contexts into overlapping windows, each after the question if there is one.

    This is the sliding window of google-research/bert's `run_squad.py`. A window begins `stride`
    pieces after the one before it; the last one ends with the context. Where a row is so short that
    windows of this stride would share fewer than `overlap` pieces, the stride is reduced, down to
    half a window: a span of up to `overlap + 1` pieces is then whole in some window.

    Example: with [CLS] = 2 and [SEP] = 3, a window has room for four pieces of the context
        >>> windows = make_windows([[11]], [[21, 22, 23, 24, 25, 26]], 8, 3, 4, 2, 3)
        >>> windows.token_ids
        [[2, 11, 3, 21, 22, 23, 24, 3], [2, 11, 3, 24, 25, 26, 3]]
        >>> windows.owners, windows.firsts, windows.begins, windows.lengths
        [0, 0], [0, 3], [3, 3], [4, 3]

    Args:
        questions: Ragged int32 `[batch, None]`; None for windows over the contexts alone.
        contexts: Ragged int32 `[batch, None]`.
        max_length: Length of the longest row.
        stride: Pieces from the begin of one window to that of the next, at most.
        max_question: Number of pieces of the question that are kept, from its start.
        cls_id: Id of [CLS].
        sep_id: Id of [SEP].
        overlap: Pieces that neighbouring windows share at least, if they have twice that room.
        layout: Special tokens of a question and a context.

    Returns:
        Windows, at least one for each example.

    Raises:
        ValueError: If `max_length` leaves no room for text.
    """
    check_room(max_length, 1 if questions is None else 2, layout)
    # Row splits in int32: for int64, oneDNN complains on stderr on machines without AVX-512.
    contexts = contexts.with_row_splits_dtype(tf.int32)
    kept = question_room(max_length, max_question, layout)
    heads = _heads(questions, contexts, kept, cls_id, [sep_id] * layout.separators)
    room = max_length - 1 - heads.row_lengths()  # (batch)
    step = tf.maximum(tf.minimum(stride, tf.maximum(room - overlap, (room + 1) // 2)), 1)
    total = contexts.row_lengths()
    counts = 1 + tf.maximum(total - room + step - 1, 0) // step

    owners = tf.repeat(tf.range(contexts.nrows(out_type=tf.int32)), counts)
    number = tf.ragged.range(counts, row_splits_dtype=tf.int32).flat_values
    firsts = number * tf.gather(step, owners)
    lengths = tf.minimum(tf.gather(room, owners), tf.gather(total, owners) - firsts)
    begins = tf.gather(heads.row_lengths(), owners)

    # All tokens in a row: the window of each token, and its position in the window.
    tokens = tf.ragged.range(begins + lengths + 1, row_splits_dtype=tf.int32)
    place, window = tokens.flat_values, tokens.value_rowids()
    begin = tf.gather(begins, window)
    behind = place - begin
    inside = (behind >= 0) & (behind < tf.gather(lengths, window))
    first_piece = tf.gather(contexts.row_starts(), owners) + firsts
    piece = tf.where(inside, tf.gather(first_piece, window) + behind + 1, 0)
    head = tf.gather(tf.gather(heads.row_starts(), owners), window) + place
    head = tf.gather(heads.flat_values, tf.where(behind < 0, head, 0))
    ids = tf.where(behind < 0, head, tf.where(inside, _picked(contexts, piece), sep_id))
    second = tf.zeros_like(ids)
    if questions is not None:
        second = tf.where(behind >= 0, layout.segment, second)
    return Windows(
        tokens.with_flat_values(ids),
        tokens.with_flat_values(second),
        owners,
        firsts,
        begins,
        lengths,
        tokens.with_flat_values(piece),
    )


def question_room(max_length: int, max_question: int, layout: PairLayout) -> int:
    """Return the number of pieces of a question that windows of `max_length` keep."""
    return min(max_question, max_length - 1 - layout.special_tokens(2))


def along(values: tf.RaggedTensor, windows: Windows) -> tf.RaggedTensor:
    """Align values of the pieces of contexts with the tokens of their windows.

    Example: where `make_windows` has its example
        >>> along([[1, 2, 3, 4, 5, 6]], windows)
        [[0, 0, 0, 1, 2, 3, 4, 0], [0, 0, 0, 4, 5, 6, 0]]

    Args:
        values: Ragged `[batch, None]`, one for each piece of a context.
        windows: Windows over the contexts.

    Returns:
        Ragged `[windows, None]` in the shape of `windows.token_ids`; 0 at all other tokens.
    """
    pieces = windows.pieces
    return pieces.with_flat_values(_picked(values, pieces.flat_values))


def owned(windows: Windows) -> tf.RaggedTensor:
    """Mark the tokens that each window decides: pieces in two windows go to one of them.

    The overlap of two windows is split in the middle.

    Example: where `make_windows` has its example, the second window decides the shared piece
        >>> owned(windows)
        [[False, False, False, True, True, True, False, False],
         [False, False, False, True, True, True, False]]

    Returns:
        Ragged bool `[windows, None]` in the shape of `windows.token_ids`.
    """
    last = windows.firsts + windows.lengths
    same = tf.concat([[False], windows.owners[1:] == windows.owners[:-1]], axis=0)
    begin = tf.where(same, (windows.firsts + tf.roll(last, 1, 0)) // 2, 0)
    end = tf.where(tf.roll(same, -1, 0), tf.roll(begin, -1, 0), last)
    tokens = windows.pieces
    rows = tokens.value_rowids()
    # Number of each piece in its own context.
    before = tf.cumsum(tf.math.segment_max(last, windows.owners), exclusive=True)
    piece = tokens.flat_values - 1 - tf.gather(tf.gather(before, windows.owners), rows)
    mine = (piece >= tf.gather(begin, rows)) & (piece < tf.gather(end, rows))
    return tokens.with_flat_values(mine & (tokens.flat_values > 0))


def _heads(
    questions, contexts, max_question: int, cls_id: int, separators: list[int]
) -> tf.RaggedTensor:
    """Tokens before the context's part in each of its windows."""
    cls, sep = (
        tf.tile(tf.constant([row], tf.int32), [contexts.nrows(out_type=tf.int32), 1])
        for row in ([cls_id], separators)
    )
    if questions is None:
        return tf.RaggedTensor.from_tensor(cls, row_splits_dtype=tf.int32)
    questions = questions.with_row_splits_dtype(tf.int32)[:, :max_question]
    return tf.concat([cls, questions, sep], axis=1)


def _picked(values: tf.RaggedTensor, piece: tf.Tensor) -> tf.Tensor:
    """Flat values at `piece` - 1; 0 at piece 0."""
    flat = values.flat_values
    return tf.gather(tf.concat([tf.zeros([1], flat.dtype), flat], axis=0), piece)

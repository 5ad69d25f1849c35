"""Spans of answers: their position in rows, and the best ones over all rows of a text."""

import numpy as np
import tensorflow as tf

from kortf.text.tokenizer.rows.rows import Rows
from kortf.text.unicode.slices import cut


def locate(rows: Rows, begins: np.ndarray, stops: np.ndarray, max_trim: int) -> np.ndarray:
    """Find the answer in each row.

    Example: the pieces `세종` (0 to 2) and `##대왕이` (2 to 5) follow `[CLS] 누구 [SEP]`; the
    answer 세종대왕 (0 to 4) is the tokens 3 to 4 without the last character
        >>> locate(rows, [0], [4], 15)
        [[3, 4, 0, 1]]

    Args:
        rows: Rows with the features `context`, `starts` and `ends`.
        begins: int `[texts]`, first character of each answer.
        stops: int `[texts]`, end of each answer, exclusive.
        max_trim: Most characters that are trimmed.

    Returns:
        int32 `[rows, 4]`: first and last token, characters before the answer in the first token and
        after it in the last. All 0 in a row that does not have the whole answer.
    """
    owners = rows.owners.numpy()
    context, starts, ends = (
        rows.features[name].to_tensor().numpy() for name in ("context", "starts", "ends")
    )
    if not context.shape[1]:
        return np.zeros((len(owners), 4), np.int32)
    begin, stop = begins[owners], stops[owners]
    reaches, precedes = context & (ends > begin[:, None]), context & (starts < stop[:, None])
    first = reaches.argmax(axis=1)
    last = context.shape[1] - 1 - precedes[:, ::-1].argmax(axis=1)
    row = np.arange(len(owners))
    # An answer may begin before the first piece of a row only if it is the first row of its text.
    opens = context.argmax(axis=1)
    closes = context.shape[1] - 1 - context[:, ::-1].argmax(axis=1)
    no_row_before = np.diff(owners, prepend=-1) > 0
    no_row_behind = np.diff(owners, append=-1) != 0
    held = reaches.any(axis=1) & precedes.any(axis=1) & (first <= last)
    held &= (first > opens) | (starts[row, first] <= begin) | no_row_before
    held &= (last < closes) | (ends[row, last] >= stop) | no_row_behind
    before = np.clip(begin - starts[row, first], 0, max_trim)
    behind = np.clip(ends[row, last] - stop, 0, max_trim)
    return (np.stack([first, last, before, behind], axis=1) * held[:, None]).astype(np.int32)


def best_spans(
    first: tf.Tensor,
    last: tf.Tensor,
    before: tf.Tensor,
    behind: tf.Tensor,
    context: tf.Tensor,
    starts: tf.Tensor,
    ends: tf.Tensor,
    max_answer: int,
    n_best: int,
) -> dict[str, tf.Tensor]:
    """Find the most probable spans of each row, in the graph.

    Args:
        first, last: Log-probabilities of begin and end, float32 `[rows, seq]`.
        before, behind: Log-probabilities of the trimmed characters, `[rows, seq, trims]`.
        context: bool `[rows, seq]`, tokens that an answer may have.
        starts, ends: int32 `[rows, seq]`, characters of the tokens.
        max_answer: Length of the longest answer in tokens.
        n_best: Number of spans.

    Returns:
        `starts` and `ends` int32 `[rows, n_best]` in characters, and `scores`, log-probabilities;
        minus infinity where there are fewer spans.
    """
    nothing = tf.constant(-float("inf"))
    first = tf.where(context, first + tf.reduce_max(before, axis=2), nothing)
    last = tf.where(context, last + tf.reduce_max(behind, axis=2), nothing)
    seq = tf.shape(first)[1]
    beyond = tf.pad(last, [[0, 0], [0, max_answer - 1]], constant_values=-float("inf"))
    band = tf.stack([beyond[:, i : i + seq] for i in range(max_answer)], axis=2)
    total = tf.reshape(first[:, :, None] + band, [-1, seq * max_answer])  # (rows, seq * answers)
    total = tf.pad(total, [[0, 0], [0, n_best]], constant_values=-float("inf"))
    scores, place = tf.math.top_k(total, n_best)
    begin = tf.minimum(place // max_answer, seq - 1)
    end = tf.minimum(begin + place % max_answer, seq - 1)

    def at(values, place):
        return tf.gather(values, place, batch_dims=1)

    cut_before = at(tf.argmax(before, axis=2, output_type=tf.int32), begin)
    cut_behind = at(tf.argmax(behind, axis=2, output_type=tf.int32), end)
    start, stop = at(starts, begin) + cut_before, at(ends, end) - cut_behind
    whole = start >= stop  # both ends trim all of one token
    return {
        "starts": tf.where(whole, at(starts, begin), start),
        "ends": tf.where(whole, at(ends, end), stop),
        "scores": scores,
    }


def best_answers(
    spans: dict[str, tf.Tensor], owners: tf.Tensor, contexts: tf.Tensor, n_best: int
) -> dict[str, tf.Tensor]:
    """Find the best spans of each text over all its rows, without repetition, in the graph.

    Args:
        spans: Spans of each row from `best_spans`.
        owners: int32 `[rows]`, number of the text that a row belongs to, ascending.
        contexts: tf.string `[batch]`.
        n_best: Number of spans.

    Returns:
        `answer` tf.string, `start` and `end` int32 in characters, and `score`, a probability, each
        `[batch, n_best]`, the best first; "" and 0 where there are fewer.
    """
    texts = tf.shape(contexts)[0]

    def of_text(values, filler):
        rows = tf.RaggedTensor.from_value_rowids(values, owners, texts, validate=False)
        dense = rows.to_tensor(filler)  # (batch, rows of a text, n_best)
        return tf.reshape(dense, [texts, tf.shape(dense)[1] * n_best])

    score = of_text(spans["scores"], -float("inf"))
    start, end = of_text(spans["starts"], 0), of_text(spans["ends"], 0)
    order = tf.argsort(score, axis=1, direction="DESCENDING", stable=True)
    score, start, end = (tf.gather(x, order, batch_dims=1) for x in (score, start, end))
    # Two windows may have the same span: the better one stays.
    score = tf.where(_repeats(start, end), -float("inf"), score)
    score = tf.pad(score, [[0, 0], [0, n_best]], constant_values=-float("inf"))
    score, place = tf.math.top_k(score, n_best)
    real = score > -float("inf")
    start, end = (
        tf.where(real, tf.gather(tf.pad(x, [[0, 0], [0, n_best]]), place, batch_dims=1), 0)
        for x in (start, end)
    )
    owner = tf.repeat(tf.range(texts), n_best)
    text = cut(contexts, owner, tf.reshape(start, [-1]), tf.reshape(end, [-1]))
    return {
        "answer": tf.where(real, tf.reshape(text, [texts, n_best]), ""),
        "start": start,
        "end": end,
        "score": tf.where(real, tf.exp(score), 0.0),
    }


def _repeats(start: tf.Tensor, end: tf.Tensor) -> tf.Tensor:
    """Return where a span has occurred before, bool `[batch, spans]`, by sorting the spans."""
    key = tf.cast(start, tf.int64) * 2**31 + tf.cast(end, tf.int64)
    order = tf.argsort(key, axis=1, stable=True)
    key = tf.gather(key, order, batch_dims=1)
    again = tf.pad(key[:, 1:] == key[:, :-1], [[0, 0], [1, 0]])
    again = again[:, : tf.shape(key)[1]]  # there may be no spans
    return tf.gather(again, tf.argsort(order, axis=1), batch_dims=1)


def without_answer(found: dict[str, tf.Tensor], nothing: tf.Tensor) -> dict[str, tf.Tensor]:
    """Clear the answers to questions that more probably have none, in the graph.

    Args:
        found: Answers from `best_answers`.
        nothing: float32 `[batch]`, probability that the question has no answer.

    Returns:
        As `found`; for such a question all answers are "" and 0, and the first score is `nothing`.
    """
    cleared = (nothing > found["score"][:, 0])[:, None]
    zeros = {name: tf.zeros_like(values) for name, values in found.items()}
    zeros["score"] = tf.concat([nothing[:, None], zeros["score"][:, 1:]], axis=1)
    return {name: tf.where(cleared, zeros[name], values) for name, values in found.items()}

"""Continuing texts with a causal encoder: one token after the other, keys and values kept."""

from collections.abc import Callable
from dataclasses import dataclass

import tensorflow as tf

from kortf.layers.kernels import gumbel_sample
from kortf.layers.random import row_bits
from kortf.layers.sampling import filtered


@dataclass(frozen=True)
class Sampling:
    """How the next token is chosen.

    Attributes:
        temperature: what the scores are divided by; 0 takes the best token each time (greedy).
        top_k: only the best k tokens; 0 for all.
        top_p: only the best tokens that hold this share of the probability; 1 for all.
        seed: the same seed, row and position draw the same.
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    seed: int = 0


def next_tokens(
    logits: tf.Tensor, sampling: Sampling, rows: tf.Tensor, position: tf.Tensor
) -> tf.Tensor:
    """Chooses one token a row.

    Args:
        logits: `[batch, vocabulary_size]`.
        sampling: how.
        rows: int32 `[batch]`, numbers of the rows among all that are generated.
        position: int32 scalar, where the token is to stand.

    Returns:
        int32 `[batch]`.
    """
    logits = tf.cast(logits, tf.float32)
    if sampling.temperature == 0:
        return tf.argmax(logits, axis=-1, output_type=tf.int32)
    logits = filtered(logits / sampling.temperature, sampling.top_k, sampling.top_p)
    keys = tf.stack([rows, tf.fill(tf.shape(rows), position + sampling.seed * 1_000_003)], axis=1)
    return gumbel_sample(logits, tf.bitcast(row_bits(keys, 2), tf.int32))


def generate(
    encoder,
    score: Callable[[tf.Tensor], tf.Tensor],
    prompts: tf.RaggedTensor,
    max_tokens: int,
    max_length: int,
    end_id: int,
    pad_id: int,
    barred: tf.Tensor,
    sampling: Sampling,
    first_row: tf.Tensor | int = 0,
) -> tf.Tensor:
    """Continues prompts up to a number of tokens or to the end token.

    All rows go forward together from the end of the shortest prompt; a row whose prompt is longer
    is fed its own tokens first.

    Args:
        encoder: causal, with `start_cache` and `decode`.
        score: the vocabulary head, `[batch, dim]` to `[batch, vocabulary_size]`.
        prompts: int32 `[batch, None]`, each at least one token and shorter than `max_length`.
        max_tokens: most that are written to a prompt.
        max_length: most tokens of a text, prompt included.
        end_id: the token after which a row is done.
        pad_id: what stands after it.
        barred: bool `[vocabulary_size]`, tokens that are never chosen.
        sampling: how to choose.
        first_row: number of the first row among all that are generated.

    Returns:
        int32 `[batch, max_length]`, prompts included.
    """
    ids = prompts.to_tensor(pad_id, shape=[None, max_length])
    lengths = tf.cast(prompts.row_lengths(), tf.int32)
    limits = tf.minimum(lengths + max_tokens, max_length)
    rows = first_row + tf.range(tf.shape(ids)[0])
    begin = tf.reduce_min(lengths)

    def choose(sequence, ids, done, position):
        logits = tf.where(barred, -float("inf"), tf.cast(score(sequence[:, -1]), tf.float32))
        chosen = next_tokens(logits, sampling, rows, position)
        chosen = tf.where(done, pad_id, chosen)
        chosen = tf.where(position < lengths, ids[:, position], chosen)
        done |= (chosen == end_id) & (position >= lengths) | (position + 1 >= limits)
        column = tf.one_hot(position, max_length, dtype=tf.bool, on_value=True, off_value=False)
        return tf.where(column[None], chosen[:, None], ids), done

    def body(position, ids, done, pairs):
        token = ids[:, position - 1][:, None]
        sequence, pairs = encoder.decode(token, pairs, position - 1)
        ids, done = choose(sequence, ids, done, position)
        return position + 1, ids, done, pairs

    def unfinished(position, ids, done, pairs):
        return ~tf.reduce_all(done)

    done = tf.zeros_like(lengths, tf.bool)
    pairs = encoder.start_cache(tf.shape(ids)[0], max_length)
    # All of the shortest prompt but its last token at once; the loop begins with that one.
    _, pairs = encoder.decode(ids[:, : begin - 1], pairs, 0)
    return tf.while_loop(unfinished, body, (begin, ids, done, pairs))[1]

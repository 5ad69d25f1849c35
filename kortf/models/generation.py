"""Generate text with a causal encoder: one token a step, with a key-value cache."""

from collections.abc import Callable
from dataclasses import dataclass

import tensorflow as tf

from kortf.layers.kernels import gumbel_sample
from kortf.layers.random import row_bits
from kortf.layers.sampling import filtered


@dataclass(frozen=True)
class Sampling:
    """Sampling settings of the next token. Scalar tensors do not retrace a graph.

    Attributes:
        temperature: Divisor of the logits; the number 0 is greedy decoding.
        top_k: Sample from the k most probable tokens; 0 for all.
        top_p: Sample from the most probable tokens that hold this share of the probability; 1 for
            all.
        seed: The same seed, row and position give the same sample.
    """

    temperature: float | tf.Tensor = 1.0
    top_k: int | tf.Tensor = 0
    top_p: float | tf.Tensor = 1.0
    seed: int | tf.Tensor = 0


def next_tokens(
    logits: tf.Tensor, sampling: Sampling, rows: tf.Tensor, position: tf.Tensor
) -> tf.Tensor:
    """Choose one token a row.

    Args:
        logits: `[batch, vocabulary_size]`.
        sampling: Sampling settings.
        rows: int32 `[batch]`, index of each row among all that are generated.
        position: int32 scalar, position of the token.

    Returns:
        int32 `[batch]`.
    """
    logits = tf.cast(logits, tf.float32)
    if not tf.is_tensor(sampling.temperature) and sampling.temperature == 0:
        return tf.argmax(logits, axis=-1, output_type=tf.int32)
    logits = filtered(logits / sampling.temperature, sampling.top_k, sampling.top_p)
    keys = tf.stack([rows, tf.fill(tf.shape(rows), position + sampling.seed * 1_000_003)], axis=1)
    return gumbel_sample(logits, tf.bitcast(row_bits(keys, 2), tf.int32))


def generate(
    encoder,
    score: Callable[[tf.Tensor], tf.Tensor],
    prompts: tf.RaggedTensor,
    max_tokens: int | tf.Tensor,
    max_length: int,
    end_id: int,
    pad_id: int,
    barred: tf.Tensor,
    sampling: Sampling,
    first_row: tf.Tensor | int = 0,
) -> tf.Tensor:
    """Continue prompts up to a number of tokens or to the end token.

    All rows advance together from the end of the shortest prompt. A row with a longer prompt is
    fed its own tokens first.

    Args:
        encoder: Causal encoder with `start_cache` and `decode`.
        score: Vocabulary head, `[batch, dim]` to `[batch, vocabulary_size]`.
        prompts: int32 `[batch, None]`, each at least one token and shorter than `max_length`.
        max_tokens: Maximum number of new tokens, a number or an int32 scalar.
        max_length: Maximum length of a text in tokens, prompt included.
        end_id: Token that ends a row.
        pad_id: Token behind the end.
        barred: bool `[vocabulary_size]`, tokens that are never generated.
        sampling: Sampling settings.
        first_row: Index of the first row among all that are generated.

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

"""Softmax and dropout of attention scores as one kernel, of all keys or of a chunk of queries."""

import functools

import tensorflow as tf

from kortf.layers.kernels.compiled import one_kernel, own_gradient, to_float
from kortf.layers.random import keep_scale

NEVER = -1e9  # score of a key that must not be looked at; finite, so that an empty row stays finite


def _softmax(scores, bias):
    return tf.nn.softmax(to_float(scores) + to_float(bias))


def _attend_forward(scores, bias):
    return tf.cast(_softmax(scores, bias), scores.dtype)


def _attend_backward(probabilities, upstream):
    p, d = to_float(probabilities), to_float(upstream)
    d = p * (d - tf.reduce_sum(p * d, axis=-1, keepdims=True))
    return tf.cast(d, probabilities.dtype)


def _attend_dropout_forward(scores, bias, seed, rate):
    p = _softmax(scores, bias)
    dropped = p * keep_scale(tf.shape(p), rate, seed, p.dtype)
    return tf.cast(dropped, scores.dtype), tf.cast(p, scores.dtype)


def _attend_dropout_backward(probabilities, upstream, seed, rate):
    scale = keep_scale(tf.shape(upstream), rate, seed, tf.float32)
    return _attend_backward(probabilities, to_float(upstream) * scale)


_attend = one_kernel(_attend_forward), one_kernel(_attend_backward)


@functools.cache
def _attend_dropout(rate):
    return (
        one_kernel(functools.partial(_attend_dropout_forward, rate=rate)),
        one_kernel(functools.partial(_attend_dropout_backward, rate=rate)),
    )


def attention_weights(
    scores: tf.Tensor, bias: tf.Tensor, rate: float = 0.0, seed: tf.Tensor | None = None
) -> tf.Tensor:
    """Softmax over keys of the biased scores, then dropout.

    Args:
        scores: `[batch, heads, queries, keys]`, already scaled.
        bias: Broadcastable to `scores`; large negative where a query must not look. Takes no
            gradient.
        rate: Rate of dropout.
        seed: int32 `[2]`; None for inference.

    Returns:
        Weights of the shape and dtype of `scores`.
    """

    @own_gradient
    def run(scores):
        if seed is None or rate == 0:
            forward, backward = _attend
            weights = forward(scores, bias)
            return weights, lambda upstream: backward(weights, upstream)
        forward, backward = _attend_dropout(rate)
        weights, probabilities = forward(scores, bias, seed)
        return weights, lambda upstream: backward(probabilities, upstream, seed)

    return run(scores)


def _of_packs(scores, query_packs, key_packs, first, causal):
    """Return the scores in float32, with a large negative number where a query must not look."""
    seen = query_packs[:, None, :, None] == key_packs[:, None, None, :]
    if causal:
        queries = first + tf.range(tf.shape(scores)[2])
        seen &= tf.range(tf.shape(scores)[3])[None, :] <= queries[:, None]
    return tf.where(seen, to_float(scores), NEVER)


def _chunk_forward(scores, query_packs, key_packs, first, seed, rate, causal):
    biased = _of_packs(scores, query_packs, key_packs, first, causal)
    top = tf.reduce_max(biased, axis=-1, keepdims=True)
    powers = tf.exp(biased - top)
    total = tf.reduce_sum(powers, axis=-1, keepdims=True)
    weights = powers / total
    if rate:
        weights *= keep_scale(tf.shape(weights), rate, seed, weights.dtype)
    return tf.cast(weights, scores.dtype), top + tf.math.log(total)


def _chunk_backward(
    scores, logs, upstream, dots, query_packs, key_packs, first, seed, rate, causal
):
    weights = tf.exp(_of_packs(scores, query_packs, key_packs, first, causal) - logs)
    upstream, dropped = to_float(upstream), weights
    if rate:
        scale = keep_scale(tf.shape(weights), rate, seed, weights.dtype)
        upstream, dropped = upstream * scale, weights * scale
    slope = weights * (upstream - dots)
    return tf.cast(dropped, scores.dtype), tf.cast(slope, scores.dtype)


@functools.cache
def _chunk(rate, causal):
    return (
        one_kernel(functools.partial(_chunk_forward, rate=rate, causal=causal)),
        one_kernel(functools.partial(_chunk_backward, rate=rate, causal=causal)),
    )


def chunk_weights(
    scores: tf.Tensor,
    query_packs: tf.Tensor,
    key_packs: tf.Tensor,
    rate: float = 0.0,
    seed: tf.Tensor | None = None,
    first: tf.Tensor | None = None,
) -> tuple[tf.Tensor, tf.Tensor]:
    """Softmax over the keys of the same pack, then dropout, for a chunk of queries.

    It has no gradient of its own: `chunk_gradients` is a part of that of the attention.

    Args:
        scores: `[batch, heads, queries, keys]`, already scaled.
        query_packs: int32 `[batch, queries]`, the packed example of each query.
        key_packs: int32 `[batch, keys]`.
        rate: Dropout rate.
        seed: int32 `[2]`; None for inference.
        first: Position of the first query in the row, int32; a query then sees no key behind it.
            None where it sees all keys.

    Returns:
        Weights in the shape and dtype of `scores`, and float32 `[batch, heads, queries, 1]`:
        logarithms of the sums that `chunk_gradients` takes.
    """
    forward, _ = _chunk(0.0 if seed is None else rate, first is not None)
    return forward(scores, query_packs, key_packs, _first(first), _seed(seed))


def chunk_gradients(
    scores: tf.Tensor,
    logs: tf.Tensor,
    upstream: tf.Tensor,
    dots: tf.Tensor,
    query_packs: tf.Tensor,
    key_packs: tf.Tensor,
    rate: float = 0.0,
    seed: tf.Tensor | None = None,
    first: tf.Tensor | None = None,
) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the weights of `chunk_weights` once more, and the gradient of its scores.

    Args:
        scores: As in `chunk_weights`.
        logs: Second result of `chunk_weights`.
        upstream: Gradient of the weights, `[batch, heads, queries, keys]`.
        dots: Product of the attention's output and its gradient, float32
            `[batch, heads, queries, 1]` (Dao et al. 2022, appendix B.4).
        query_packs: As in `chunk_weights`.
        key_packs: As in `chunk_weights`.
        rate: As in `chunk_weights`.
        seed: As in `chunk_weights`.
        first: As in `chunk_weights`.

    Returns:
        Weights and gradient, both in the shape and dtype of `scores`.
    """
    _, backward = _chunk(0.0 if seed is None else rate, first is not None)
    packs = query_packs, key_packs
    return backward(scores, logs, upstream, dots, *packs, _first(first), _seed(seed))


def _first(first):
    return tf.zeros([], tf.int32) if first is None else first


def _seed(seed):
    return tf.zeros([2], tf.int32) if seed is None else seed

"""Softmax and dropout of attention scores as one kernel."""

import functools

import tensorflow as tf

from kortf.layers.kernels.compiled import one_kernel, own_gradient, to_float
from kortf.layers.random import keep_scale


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

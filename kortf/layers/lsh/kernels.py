"""The elementwise parts of the attention of chunks, each one kernel."""

import functools
from collections.abc import Callable

import tensorflow as tf

from kortf.layers.kernels.compiled import one_kernel, to_float
from kortf.layers.lsh.neighbours import Reach, neighbour_bias, times_seen
from kortf.layers.lsh.rounds import combine_rounds
from kortf.layers.random import keep_scale


def _attend(scores, query, key, seed, reach, rate):
    bias = neighbour_bias(query, key, reach)  # (rows, rounds, chunks, size, window)
    x = tf.reshape(to_float(scores), [-1, *bias.shape[1:]]) + bias
    top = tf.reduce_max(x, axis=-1, keepdims=True)
    exponentials = tf.exp(x - top)
    if query.shape[1] > 1:
        exponentials /= times_seen(query, key, reach)
    total = tf.reduce_sum(exponentials, axis=-1, keepdims=True)
    normaliser = tf.squeeze(top + tf.math.log(total), axis=-1)  # (rows, rounds, chunks, size)
    weights = tf.reshape(exponentials / total, [-1, *scores.shape[1:]])
    kept = tf.cast(weights, scores.dtype)
    if not rate:
        return kept, normaliser
    weights *= keep_scale(tf.shape(weights), rate, seed, tf.float32)
    return kept, normaliser, tf.cast(weights, scores.dtype)


def _attend_backward(weights, upstream, expected, seed, rate):
    p, d = to_float(weights), to_float(upstream)
    if not rate:
        return (tf.cast(p * (d - expected[..., None]), weights.dtype),)
    kept = keep_scale(tf.shape(weights), rate, seed, tf.float32)
    ds = p * (d * kept - expected[..., None])
    return tf.cast(ds, weights.dtype), tf.cast(p * kept, weights.dtype)


@functools.cache
def attend(reach: Reach, rate: float) -> Callable:
    """Return the kernel that makes the weights of a round out of its scores.

    It takes the scores `[chunks of all rows and rounds, size, window]`, what `times_seen` takes of
    queries and keys, and an int32 seed `[2]` of dropout. It returns the weights, of the shape and
    dtype of the scores; float32 `[rows, rounds, chunks, size]`, the logarithm of the sum that they
    were divided by; and, where there is dropout, the weights with it.
    """
    return one_kernel(functools.partial(_attend, reach=reach, rate=rate))


@functools.cache
def attend_backward(rate: float) -> Callable:
    """Return the kernel of its gradient, through the combination of all rounds.

    With the share of a round in the attention of a query known, all keys of all rounds are under
    one softmax: a score's gradient is its weight times what it adds to the expected gradient.

    It takes the weights without dropout, their gradient times the share of the round, the expected
    gradient of each query times that share, float32 `[chunks of all rows and rounds, size]`, and
    the seed; it returns the gradient of the scores and, where there is dropout, the weights with
    it.
    """
    return one_kernel(functools.partial(_attend_backward, rate=rate))


def _expected(outputs, upstream):
    return tf.reduce_sum(to_float(outputs) * to_float(upstream), axis=-1)


def _scaled(x, shares):
    return tf.cast(to_float(x) * shares[..., None], x.dtype)


def _summed(x):
    return tf.cast(tf.reduce_sum(to_float(x), axis=2), x.dtype)


combine = one_kernel(combine_rounds)
expected = one_kernel(_expected)
scaled = one_kernel(_scaled)
summed = one_kernel(_summed)

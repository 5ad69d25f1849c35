"""Softmax over the keys of a chunk as one kernel, and its gradient."""

import functools
from collections.abc import Callable

import tensorflow as tf

from kortf.layers.fused.compiled import one_kernel, to_float
from kortf.layers.lsh.neighbours import Reach, neighbour_bias
from kortf.layers.random import keep_scale


def _biased(scores, query, key, reach):
    bias = neighbour_bias(query, key, reach)  # (rows, rounds, chunks, size, window)
    return tf.reshape(to_float(scores), [-1, *bias.shape[1:]]) + bias


def _kept(shape, rate, seed):
    return keep_scale(shape, rate, seed, tf.float32) if rate else tf.constant(1.0)


def _attend(scores, query, key, seed, reach, rate):
    x = _biased(scores, query, key, reach)
    top = tf.reduce_max(x, axis=-1, keepdims=True)
    exponentials = tf.exp(x - top)
    total = tf.reduce_sum(exponentials, axis=-1, keepdims=True)
    weights = exponentials / total * _kept(tf.shape(x), rate, seed)
    normaliser = tf.squeeze(top + tf.math.log(total), axis=-1)  # (rows, rounds, chunks, size)
    return tf.cast(tf.reshape(weights, tf.shape(scores)), scores.dtype), normaliser


def _attend_backward(scores, query, key, upstream, share, expected, seed, reach, rate):
    x = _biased(scores, query, key, reach)
    weights = tf.nn.softmax(x) * share[..., None]
    kept = _kept(tf.shape(x), rate, seed)
    d = weights * (tf.reshape(to_float(upstream), tf.shape(x)) * kept - expected[..., None])

    def like(y):
        return tf.cast(tf.reshape(y, tf.shape(scores)), scores.dtype)

    return like(weights * kept), like(d)


@functools.cache
def attend(reach: Reach, rate: float) -> Callable:
    """The kernel that makes the weights of a round out of its scores.

    It takes the scores `[chunks of all rows and rounds, size, window]`, what `neighbour_bias` takes
    of queries and keys, and an int32 seed `[2]` of dropout; it returns the weights, of the shape
    and dtype of the scores, and float32 `[rows, rounds, chunks, size]`, the logarithm of the sum
    that they were divided by.
    """
    return one_kernel(functools.partial(_attend, reach=reach, rate=rate))


@functools.cache
def attend_backward(reach: Reach, rate: float) -> Callable:
    """The kernel of its gradient, through the combination of all rounds.

    With the share of a round in the attention of a query known, all keys of all rounds are under
    one softmax: a score's gradient is its weight times what it adds to the expected gradient.

    After scores, queries and keys it takes the gradient of the weights, the share of the round
    and the expected gradient of each query, both float32 `[rows, rounds, chunks, size]`, and the
    seed; it returns the weights times that share, and the gradient of the scores.
    """
    return one_kernel(functools.partial(_attend_backward, reach=reach, rate=rate))

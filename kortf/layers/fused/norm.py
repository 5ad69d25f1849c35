"""Dropout, residual sum and layer normalisation as one kernel."""

import functools

import tensorflow as tf

from kortf.layers.fused.compiled import one_kernel, own_gradient, to_float
from kortf.layers.random import keep_scale


def _moments(h, epsilon):
    mean = tf.reduce_mean(h, axis=-1, keepdims=True)
    centred = h - mean
    return centred, tf.math.rsqrt(tf.reduce_mean(centred**2, axis=-1, keepdims=True) + epsilon)


def _normalise(h, gamma, beta, epsilon):
    centred, scale = _moments(h, epsilon)
    return centred * scale * to_float(gamma) + to_float(beta)


def _normalise_backward(h, gamma, upstream, epsilon):
    centred, scale = _moments(h, epsilon)
    unit = centred * scale
    axes = list(range(h.shape.rank - 1))
    gamma_gradient = tf.reduce_sum(upstream * unit, axes)
    beta_gradient = tf.reduce_sum(upstream, axes)
    d = upstream * to_float(gamma)
    d -= tf.reduce_mean(d, -1, keepdims=True) + unit * tf.reduce_mean(d * unit, -1, keepdims=True)
    return d * scale, gamma_gradient, beta_gradient


def _norm_forward(x, gamma, beta, epsilon):
    return tf.cast(_normalise(to_float(x), gamma, beta, epsilon), x.dtype)


def _norm_backward(x, gamma, upstream, epsilon):
    d, dg, db = _normalise_backward(to_float(x), gamma, to_float(upstream), epsilon)
    return tf.cast(d, x.dtype), tf.cast(dg, gamma.dtype), tf.cast(db, gamma.dtype)


def _add_norm_forward(x, residual, gamma, beta, seed, rate, epsilon):
    h = to_float(x)
    if rate:
        h *= keep_scale(tf.shape(h), rate, seed, h.dtype)
    h += to_float(residual)
    return tf.cast(h, x.dtype), tf.cast(_normalise(h, gamma, beta, epsilon), x.dtype)


def _add_norm_backward(h, gamma, sum_upstream, norm_upstream, seed, rate, epsilon):
    d, dg, db = _normalise_backward(to_float(h), gamma, to_float(norm_upstream), epsilon)
    d += to_float(sum_upstream)
    dx = d * keep_scale(tf.shape(d), rate, seed, d.dtype) if rate else d
    return (
        tf.cast(dx, h.dtype),
        tf.cast(d, h.dtype),
        tf.cast(dg, gamma.dtype),
        tf.cast(db, gamma.dtype),
    )


@functools.cache
def _norm(epsilon):
    return (
        one_kernel(functools.partial(_norm_forward, epsilon=epsilon)),
        one_kernel(functools.partial(_norm_backward, epsilon=epsilon)),
    )


@functools.cache
def _add_norm(rate, epsilon):
    return (
        one_kernel(functools.partial(_add_norm_forward, rate=rate, epsilon=epsilon)),
        one_kernel(functools.partial(_add_norm_backward, rate=rate, epsilon=epsilon)),
    )


def layer_norm(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, epsilon: float) -> tf.Tensor:
    """Layer normalisation over the last axis (Ba et al. 2016), in float32.

    Args:
        x: `[..., dim]`.
        gamma: scale `[dim]`.
        beta: offset `[dim]`.
        epsilon: added to the variance.

    Returns:
        Tensor of the shape and dtype of `x`.
    """
    forward, backward = _norm(epsilon)

    @own_gradient
    def run(x, gamma, beta):
        return forward(x, gamma, beta), lambda upstream: backward(x, gamma, upstream)

    return run(x, gamma, beta)


def dropout_add_norm(
    x: tf.Tensor,
    residual: tf.Tensor,
    gamma: tf.Tensor,
    beta: tf.Tensor,
    epsilon: float,
    rate: float = 0.0,
    seed: tf.Tensor | None = None,
) -> tuple[tf.Tensor, tf.Tensor]:
    """`h = residual + dropout(x)` and its layer normalisation.

    Args:
        x: output of a sub-layer, `[..., dim]`.
        residual: what went around it, `[..., dim]`.
        gamma: scale of the normalisation `[dim]`.
        beta: its offset `[dim]`.
        epsilon: added to the variance.
        rate: of dropout.
        seed: int32 `[2]`; None for inference.

    Returns:
        `(h, norm(h))`, both `[..., dim]`: a post-norm layer goes on with the second alone, a
        pre-norm layer keeps the first as the next residual.
    """
    if seed is None:
        rate, seed = 0.0, tf.zeros([2], tf.int32)
    forward, backward = _add_norm(rate, epsilon)

    @own_gradient
    def run(x, residual, gamma, beta):
        h, y = forward(x, residual, gamma, beta, seed)
        return (h, y), lambda dh, dy: backward(h, gamma, dh, dy, seed)

    return run(x, residual, gamma, beta)

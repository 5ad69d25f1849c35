"""Dropout, residual sum and layer normalisation as one kernel."""

import functools

import tensorflow as tf

from kortf.layers.kernels.compiled import one_kernel, own_gradient, to_float
from kortf.layers.random import keep_scale


@functools.cache
def _by_products() -> bool:
    # XLA's CPU reductions are trees of windows that leave the vector unit idle: a product with ones
    # is twice as fast. Accelerators reduce well, and multiply float32 at less than its precision.
    return not any(tf.config.list_logical_devices(kind) for kind in ("GPU", "TPU"))


def row_sums(x: tf.Tensor) -> tf.Tensor:
    """Sum of each row: float32 `[rows, columns]` to `[rows, 1]`."""
    if _by_products():
        return tf.matmul(x, tf.ones([x.shape[1], 1], x.dtype))
    return tf.reduce_sum(x, axis=1, keepdims=True)


def column_sums(x: tf.Tensor) -> tf.Tensor:
    """Sum of each column: float32 `[rows, columns]` to `[columns]`."""
    if _by_products():
        return tf.matmul(tf.ones([1, tf.shape(x)[0]], x.dtype), x)[0]
    return tf.reduce_sum(x, axis=0)


@functools.cache
def _drop(rate):
    def scale(x, seed):
        return tf.cast(to_float(x) * keep_scale(tf.shape(x), rate, seed, tf.float32), x.dtype)

    return one_kernel(scale)


def dropout(x: tf.Tensor, rate: float, seed: tf.Tensor | None) -> tf.Tensor:
    """Dropout (Srivastava et al. 2014): elements are zeroed at `rate`, the others scaled up.

    Args:
        x: Any shape.
        rate: Share of elements that are dropped.
        seed: int32 `[2]`; None for inference, which returns `x`.

    Returns:
        Tensor of the shape and dtype of `x`.
    """
    if seed is None or rate == 0:
        return x
    scale = _drop(rate)

    @own_gradient
    def run(x):
        return scale(x, seed), lambda upstream: scale(upstream, seed)

    return run(x)


def _rows(x):
    return tf.reshape(to_float(x), [-1, x.shape[-1]])  # (rows, dim)


def _standardise(h, epsilon):
    """`h` `[rows, dim]` with mean 0 and variance 1 in each row, and what it was multiplied by."""
    dim = h.shape[1]
    centred = h - row_sums(h) / dim
    scale = tf.math.rsqrt(row_sums(centred**2) / dim + epsilon)
    return centred * scale, scale


def _normalise(h, gamma, beta, epsilon):
    return _standardise(h, epsilon)[0] * to_float(gamma) + to_float(beta)


def _normalise_backward(h, gamma, upstream, epsilon):
    dim = h.shape[1]
    unit, scale = _standardise(h, epsilon)
    d = upstream * to_float(gamma)
    d -= row_sums(d) / dim + unit * (row_sums(d * unit) / dim)
    return d * scale, column_sums(upstream * unit), column_sums(upstream)


def _like(rows, x):
    return tf.cast(tf.reshape(rows, tf.shape(x)), x.dtype)


def _norm_forward(x, gamma, beta, epsilon):
    return _like(_normalise(_rows(x), gamma, beta, epsilon), x)


def _norm_backward(x, gamma, upstream, epsilon):
    d, dg, db = _normalise_backward(_rows(x), gamma, _rows(upstream), epsilon)
    return _like(d, x), tf.cast(dg, gamma.dtype), tf.cast(db, gamma.dtype)


def _add_norm_forward(x, residual, gamma, beta, seed, rate, epsilon):
    h = _rows(x)
    if rate:
        h *= keep_scale(tf.shape(h), rate, seed, h.dtype)
    h += _rows(residual)
    return _like(h, x), _like(_normalise(h, gamma, beta, epsilon), x)


def _add_norm_backward(h, gamma, sum_upstream, norm_upstream, seed, rate, epsilon):
    d, dg, db = _normalise_backward(_rows(h), gamma, _rows(norm_upstream), epsilon)
    d += _rows(sum_upstream)
    dx = d * keep_scale(tf.shape(d), rate, seed, d.dtype) if rate else d
    return _like(dx, h), _like(d, h), tf.cast(dg, gamma.dtype), tf.cast(db, gamma.dtype)


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
        gamma: Scale `[dim]`.
        beta: Offset `[dim]`.
        epsilon: Added to the variance.

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
        x: Output of a sub-layer, `[..., dim]`.
        residual: Residual, `[..., dim]`.
        gamma: Scale of the normalisation `[dim]`.
        beta: Its offset `[dim]`.
        epsilon: Added to the variance.
        rate: Rate of dropout.
        seed: int32 `[2]`; None for inference.

    Returns:
        `(h, norm(h))`, both `[..., dim]`: a post-norm layer uses the second alone, a
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

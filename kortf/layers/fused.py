"""The elementwise parts of a training step, each one kernel with its gradient written out.

On a CPU the matrix products belong to oneDNN and what lies between them decides the speed: in
bfloat16 TensorFlow's own kernels for GELU, dropout, softmax and layer normalisation cost more than
the products. Here each of them is one XLA-compiled function that computes in float32 and keeps
nothing for the backward pass but its inputs: dropout masks are drawn again from the seed.
"""

import contextlib
import functools
from collections.abc import Callable, Iterator

import tensorflow as tf

from kortf.layers.random import keep_scale

_compile = True


@contextlib.contextmanager
def uncompiled() -> Iterator[None]:
    """Inside the block, graphs are traced without XLA and with TensorFlow's own gradients.

    An exported model must run where XLA is not, and carries no gradients of ours.
    """
    global _compile
    before, _compile = _compile, False
    try:
        yield
    finally:
        _compile = before


def _fused(function: Callable) -> Callable:
    compiled = tf.function(function, jit_compile=True, autograph=False)

    @functools.wraps(function)
    def call(*arguments):
        return compiled(*arguments) if _compile else function(*arguments)

    return call


def _own_gradient(function: Callable) -> Callable:
    """tf.custom_gradient, but for graphs that are traced uncompiled."""

    @functools.wraps(function)
    def call(*arguments):
        return tf.custom_gradient(function)(*arguments) if _compile else function(*arguments)[0]

    return call


def _float(x: tf.Tensor) -> tf.Tensor:
    return tf.cast(x, tf.float32)


# --- GELU -----------------------------------------------------------------------------------------


def _gelu_forward(x, approximate):
    return tf.cast(tf.nn.gelu(_float(x), approximate), x.dtype)


def _gelu_backward(x, upstream, approximate):
    x32 = _float(x)
    if approximate:
        root, cubic = 0.7978845608028654, 0.044715  # sqrt(2/pi)
        tanh = tf.tanh(root * (x32 + cubic * x32**3))
        slope = 0.5 * (1 + tanh) + 0.5 * x32 * (1 - tanh**2) * root * (1 + 3 * cubic * x32**2)
    else:
        cdf = 0.5 * (1 + tf.math.erf(x32 * 0.7071067811865476))  # 1/sqrt(2)
        slope = cdf + x32 * tf.exp(-0.5 * x32**2) * 0.3989422804014327  # 1/sqrt(2 pi)
    return tf.cast(slope * _float(upstream), x.dtype)


_GELU = {
    approximate: (
        _fused(functools.partial(_gelu_forward, approximate=approximate)),
        _fused(functools.partial(_gelu_backward, approximate=approximate)),
    )
    for approximate in (False, True)
}


def gelu(x: tf.Tensor, approximate: bool = False) -> tf.Tensor:
    """Gaussian error linear unit (Hendrycks and Gimpel 2016), by erf or, if `approximate`, by tanh.

    Args:
        x: any shape.
        approximate: whether to take the tanh formula.

    Returns:
        Tensor of the shape and dtype of `x`.
    """
    forward, backward = _GELU[approximate]

    @_own_gradient
    def run(x):
        return forward(x), lambda upstream: backward(x, upstream)

    return run(x)


# --- softmax and dropout of attention scores ------------------------------------------------------


def _softmax(scores, bias):
    return tf.nn.softmax(_float(scores) + _float(bias))


def _attend_forward(scores, bias):
    return tf.cast(_softmax(scores, bias), scores.dtype)


def _attend_backward(probabilities, upstream):
    p, d = _float(probabilities), _float(upstream)
    d = p * (d - tf.reduce_sum(p * d, axis=-1, keepdims=True))
    return tf.cast(d, probabilities.dtype)


def _attend_dropout_forward(scores, bias, seed, rate):
    p = _softmax(scores, bias)
    dropped = p * keep_scale(tf.shape(p), rate, seed, p.dtype)
    return tf.cast(dropped, scores.dtype), tf.cast(p, scores.dtype)


def _attend_dropout_backward(probabilities, upstream, seed, rate):
    scale = keep_scale(tf.shape(upstream), rate, seed, tf.float32)
    return _attend_backward(probabilities, _float(upstream) * scale)


_attend = _fused(_attend_forward), _fused(_attend_backward)


@functools.cache
def _attend_dropout(rate):
    return (
        _fused(functools.partial(_attend_dropout_forward, rate=rate)),
        _fused(functools.partial(_attend_dropout_backward, rate=rate)),
    )


def attention_weights(
    scores: tf.Tensor, bias: tf.Tensor, rate: float = 0.0, seed: tf.Tensor | None = None
) -> tf.Tensor:
    """Softmax over keys of the biased scores, then dropout.

    Args:
        scores: `[batch, heads, queries, keys]`, already scaled.
        bias: broadcastable to `scores`; large negative where a query must not look. Takes no
            gradient.
        rate: of dropout.
        seed: int32 `[2]`; None for inference.

    Returns:
        Weights of the shape and dtype of `scores`.
    """

    @_own_gradient
    def run(scores):
        if seed is None or rate == 0:
            forward, backward = _attend
            weights = forward(scores, bias)
            return weights, lambda upstream: backward(weights, upstream)
        forward, backward = _attend_dropout(rate)
        weights, probabilities = forward(scores, bias, seed)
        return weights, lambda upstream: backward(probabilities, upstream, seed)

    return run(scores)


# --- dropout, residual sum, layer normalisation ---------------------------------------------------


def _moments(h, epsilon):
    mean = tf.reduce_mean(h, axis=-1, keepdims=True)
    centred = h - mean
    return centred, tf.math.rsqrt(tf.reduce_mean(centred**2, axis=-1, keepdims=True) + epsilon)


def _normalise(h, gamma, beta, epsilon):
    centred, scale = _moments(h, epsilon)
    return centred * scale * _float(gamma) + _float(beta)


def _normalise_backward(h, gamma, upstream, epsilon):
    centred, scale = _moments(h, epsilon)
    unit = centred * scale
    axes = list(range(h.shape.rank - 1))
    gamma_gradient = tf.reduce_sum(upstream * unit, axes)
    beta_gradient = tf.reduce_sum(upstream, axes)
    d = upstream * _float(gamma)
    d -= tf.reduce_mean(d, -1, keepdims=True) + unit * tf.reduce_mean(d * unit, -1, keepdims=True)
    return d * scale, gamma_gradient, beta_gradient


def _norm_forward(x, gamma, beta, epsilon):
    return tf.cast(_normalise(_float(x), gamma, beta, epsilon), x.dtype)


def _norm_backward(x, gamma, upstream, epsilon):
    d, dg, db = _normalise_backward(_float(x), gamma, _float(upstream), epsilon)
    return tf.cast(d, x.dtype), tf.cast(dg, gamma.dtype), tf.cast(db, gamma.dtype)


def _add_norm_forward(x, residual, gamma, beta, seed, rate, epsilon):
    h = _float(x)
    if rate:
        h *= keep_scale(tf.shape(h), rate, seed, h.dtype)
    h += _float(residual)
    return tf.cast(h, x.dtype), tf.cast(_normalise(h, gamma, beta, epsilon), x.dtype)


def _add_norm_backward(h, gamma, sum_upstream, norm_upstream, seed, rate, epsilon):
    d, dg, db = _normalise_backward(_float(h), gamma, _float(norm_upstream), epsilon)
    d += _float(sum_upstream)
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
        _fused(functools.partial(_norm_forward, epsilon=epsilon)),
        _fused(functools.partial(_norm_backward, epsilon=epsilon)),
    )


@functools.cache
def _add_norm(rate, epsilon):
    return (
        _fused(functools.partial(_add_norm_forward, rate=rate, epsilon=epsilon)),
        _fused(functools.partial(_add_norm_backward, rate=rate, epsilon=epsilon)),
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

    @_own_gradient
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

    @_own_gradient
    def run(x, residual, gamma, beta):
        h, y = forward(x, residual, gamma, beta, seed)
        return (h, y), lambda dh, dy: backward(h, gamma, dh, dy, seed)

    return run(x, residual, gamma, beta)


# --- dropout --------------------------------------------------------------------------------------


@functools.cache
def _drop(rate):
    def scale(x, seed):
        return tf.cast(_float(x) * keep_scale(tf.shape(x), rate, seed, tf.float32), x.dtype)

    return _fused(scale)


def dropout(x: tf.Tensor, rate: float, seed: tf.Tensor | None) -> tf.Tensor:
    """Dropout (Srivastava et al. 2014): elements are zeroed at `rate`, the others scaled up.

    Args:
        x: any shape.
        rate: share of elements that are dropped.
        seed: int32 `[2]`; None for inference, which returns `x`.

    Returns:
        Tensor of the shape and dtype of `x`.
    """
    if seed is None or rate == 0:
        return x
    scale = _drop(rate)

    @_own_gradient
    def run(x):
        return scale(x, seed), lambda upstream: scale(upstream, seed)

    return run(x)


# --- cross-entropy --------------------------------------------------------------------------------


def _cross_entropy_forward(logits, labels):
    x = _float(logits)
    top = tf.reduce_max(x, axis=-1)
    normaliser = top + tf.math.log(tf.reduce_sum(tf.exp(x - top[:, None]), axis=-1))
    own = tf.gather(x, labels, batch_dims=1)
    return normaliser - own, tf.cast(own >= top, tf.float32), normaliser


def _cross_entropy_backward(logits, labels, normaliser, upstream):
    d = tf.exp(_float(logits) - normaliser[:, None]) * upstream[:, None]
    classes = tf.range(tf.shape(logits)[1], dtype=labels.dtype)
    d -= tf.where(classes[None, :] == labels[:, None], upstream[:, None], 0.0)
    return tf.cast(d, logits.dtype)


_cross_entropy = _fused(_cross_entropy_forward), _fused(_cross_entropy_backward)


def cross_entropy(logits: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Softmax cross-entropy of each row, and whether its label has the highest logit.

    The logits are read in their own dtype and never stored in float32.

    Args:
        logits: `[rows, classes]`.
        labels: int32 `[rows]`.

    Returns:
        `(loss, correct)`, both float32 `[rows]`, the loss in nats.
    """
    forward, backward = _cross_entropy

    @_own_gradient
    def run(logits):
        loss, correct, normaliser = forward(logits, labels)
        return (loss, correct), lambda upstream, _: backward(logits, labels, normaliser, upstream)

    return run(logits)

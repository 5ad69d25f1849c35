"""Dense products and GELU. Gradients are products alone, and one kernel for each activation."""

import functools

import tensorflow as tf

from kortf.layers.kernels.compiled import one_kernel, own_gradient, to_float


def dense(
    x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor | None = None, transpose: bool = False
) -> tf.Tensor:
    """Compute `x @ kernel + bias`.

    In the backward pass, the gradient of the bias is a product with a row of ones, because
    TensorFlow's own sum costs more than the matrix products. The gradient of a transposed kernel,
    such as a tied embedding, is computed in the kernel's layout, without a transposition.

    Args:
        x: `[..., inputs]`.
        kernel: `[inputs, outputs]`, or `[outputs, inputs]` with `transpose`.
        bias: `[outputs]`; None for none.
        transpose: Whether the kernel is turned around.

    Returns:
        `[..., outputs]` in the dtype of `x`, which all three share.
    """

    @own_gradient
    def run(x, kernel, *bias):
        y = tf.matmul(x, kernel, transpose_b=transpose)
        y = tf.nn.bias_add(y, *bias) if bias else y

        def gradient(upstream):
            dx = tf.matmul(upstream, kernel, transpose_b=not transpose)
            pair = (upstream, x) if transpose else (x, upstream)
            dkernel = tf.matmul(*pair, transpose_a=True)
            if not bias:
                return dx, dkernel
            ones = tf.ones([1, tf.shape(upstream)[0]], upstream.dtype)
            return dx, dkernel, tf.matmul(ones, upstream)[0]

        return y, gradient

    shape = tf.shape(x)
    inputs, outputs = kernel.shape[::-1] if transpose else kernel.shape
    bias = () if bias is None else (bias,)
    y = run(tf.reshape(x, [-1, inputs]), kernel, *bias)  # [rows, outputs]
    y = tf.reshape(y, tf.concat([shape[:-1], [outputs]], axis=0))
    return tf.ensure_shape(y, x.shape[:-1].concatenate(outputs))


def _gelu_forward(x, approximate):
    return tf.cast(tf.nn.gelu(to_float(x), approximate), x.dtype)


def _slope(x32, approximate):
    """Return the derivative of GELU at float32 `x32`."""
    if approximate:
        root, cubic = 0.7978845608028654, 0.044715  # sqrt(2/pi)
        # (1 + tanh(y)) / 2 is sigmoid(2 y), which loses no digits where it is near 0.
        gate = tf.sigmoid(2 * root * (x32 + cubic * x32**3))
        return gate * (1 + x32 * (1 - gate) * 2 * root * (1 + 3 * cubic * x32**2))
    cdf = 0.5 * (1 + tf.math.erf(x32 * 0.7071067811865476))  # 1/sqrt(2)
    return cdf + x32 * tf.exp(-0.5 * x32**2) * 0.3989422804014327  # 1/sqrt(2 pi)


def _gelu_backward(x, upstream, approximate):
    return tf.cast(_slope(to_float(x), approximate) * to_float(upstream), x.dtype)


def _geglu_forward(x, approximate):
    first, gate = tf.split(to_float(x), 2, axis=-1)
    return tf.cast(tf.nn.gelu(first, approximate) * gate, x.dtype)


def _geglu_backward(x, upstream, approximate):
    first, gate = tf.split(to_float(x), 2, axis=-1)
    upstream = to_float(upstream)
    of_gate = tf.nn.gelu(first, approximate) * upstream
    of_first = _slope(first, approximate) * gate * upstream
    return tf.cast(tf.concat([of_first, of_gate], axis=-1), x.dtype)


def _both(forward, backward):
    """Return the kernels of a function and its gradient, by whether tanh approximates erf."""
    return {
        approximate: (
            one_kernel(functools.partial(forward, approximate=approximate)),
            one_kernel(functools.partial(backward, approximate=approximate)),
        )
        for approximate in (False, True)
    }


_GELU = _both(_gelu_forward, _gelu_backward)
_GEGLU = _both(_geglu_forward, _geglu_backward)


def gelu(x: tf.Tensor, approximate: bool = False) -> tf.Tensor:
    """Gaussian error linear unit (Hendrycks and Gimpel 2016), by erf or, if `approximate`, by tanh.

    Args:
        x: Any shape.
        approximate: Whether to take the tanh formula.

    Returns:
        Tensor of the shape and dtype of `x`.
    """
    return _with_gradient(x, *_GELU[approximate])


def geglu(x: tf.Tensor, approximate: bool = False) -> tf.Tensor:
    """Gated GELU (Shazeer 2020): GELU of the first half of the last axis, times the second half.

    Args:
        x: `[..., 2 * dim]`.
        approximate: Whether to take the tanh formula.

    Returns:
        Tensor `[..., dim]` of the dtype of `x`.
    """
    return _with_gradient(x, *_GEGLU[approximate])


def _with_gradient(x, forward, backward):
    @own_gradient
    def run(x):
        return forward(x), lambda upstream: backward(x, upstream)

    return run(x)

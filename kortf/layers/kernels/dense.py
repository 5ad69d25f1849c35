"""Matrix product with an optional bias, whose gradient is made of matrix products alone."""

import tensorflow as tf

from kortf.layers.kernels.compiled import own_gradient


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

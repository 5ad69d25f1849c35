"""A matrix product with bias, and a gradient that leaves all of the work to matrix products."""

import tensorflow as tf

from kortf.layers.kernels.compiled import own_gradient


def dense(x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor, transpose: bool = False) -> tf.Tensor:
    """`x @ kernel + bias`.

    Backward, the sum over rows that a bias asks for is a product with a row of ones: TensorFlow's
    own sum costs more than the products do. And a transposed kernel, such as a tied embedding,
    gets its gradient the way it lies, not turned around afterwards.

    Args:
        x: `[..., inputs]`.
        kernel: `[inputs, outputs]`, or `[outputs, inputs]` with `transpose`.
        bias: `[outputs]`.
        transpose: whether the kernel is turned around.

    Returns:
        `[..., outputs]` in the dtype of `x`, which all three share.
    """

    @own_gradient
    def run(x, kernel, bias):
        y = tf.nn.bias_add(tf.matmul(x, kernel, transpose_b=transpose), bias)

        def gradient(upstream):
            dx = tf.matmul(upstream, kernel, transpose_b=not transpose)
            pair = (upstream, x) if transpose else (x, upstream)
            ones = tf.ones([1, tf.shape(upstream)[0]], upstream.dtype)
            return dx, tf.matmul(*pair, transpose_a=True), tf.matmul(ones, upstream)[0]

        return y, gradient

    shape = tf.shape(x)
    inputs, outputs = kernel.shape[::-1] if transpose else kernel.shape
    y = run(tf.reshape(x, [-1, inputs]), kernel, bias)  # (rows, outputs)
    y = tf.reshape(y, tf.concat([shape[:-1], [outputs]], axis=0))
    return tf.ensure_shape(y, x.shape[:-1].concatenate(outputs))

"""Muon: steps of equal size in all directions of a weight matrix."""

import functools
import re
from collections.abc import Callable
from typing import Annotated

import tensorflow as tf

from kortf.layers.kernels.compiled import one_kernel
from kortf.ranges import Choice, Expression, Fraction
from kortf.train.optim.optimizer import AdamW

# The matrices inside the layers; AdamW updates embeddings, heads, biases and norms.
MATRICES = r"/layers/"
# Coefficients of the quintic that moves singular values to about one (Jordan et al. 2024).
QUINTIC = (3.4445, -4.7750, 2.0315)
ITERATIONS = 5
DTYPES = ("auto", "bfloat16", "float32", "float64")  # `with_dtypes` resolves the first


def orthogonal(matrix: tf.Tensor, dtype: tf.DType = tf.bfloat16) -> tf.Tensor:
    """Return a matrix with the same singular vectors and singular values of about one.

    Five Newton-Schulz iterations (Jordan et al. 2024) move the values to about 0.7 to 1.2.

    Args:
        matrix: `[rows, columns]`.
        dtype: Dtype of the products and of the result.

    Returns:
        `[rows, columns]`.
    """
    wide = matrix.shape[0] <= matrix.shape[1]
    x = tf.cast(matrix / tf.maximum(tf.norm(matrix), 1e-7), dtype)
    x = x if wide else tf.transpose(x)  # (short, long)
    a, b, c = (tf.cast(factor, dtype) for factor in QUINTIC)
    for _ in range(ITERATIONS):
        gram = tf.matmul(x, x, transpose_b=True)  # (short, short)
        x = a * x + tf.matmul(b * gram + c * tf.matmul(gram, gram), x)
    return x if wide else tf.transpose(x)


class Muon(AdamW):
    """Muon (Jordan et al. 2024) for the matrices of the layers, AdamW for all else.

    The Nesterov momentum of a matrix's gradient is made orthogonal before it is subtracted. It is
    then scaled to the size of AdamW's steps, so that both share the learning rate and the weight
    decay (Liu et al. 2025, section 2.2).

    Args:
        variables: Named trainable variables.
        momentum: Decay of the momentum of the matrices.
        matrices: Regular expression searched for in the name of a matrix that Muon updates.
        dtype: Dtype of the products that make a matrix orthogonal.
        **settings: Settings of `Optimizer`; the moments and `epsilon` are those of AdamW.
    """

    def __init__(
        self,
        variables: dict[str, tf.Variable],
        momentum: Fraction = 0.95,
        matrices: Expression = MATRICES,
        dtype: Annotated[str, Choice(DTYPES)] = "bfloat16",
        **settings,
    ):
        self._matrices = re.compile(matrices)
        super().__init__(variables, **settings)
        kernel = _kernel(momentum, tf.as_dtype(dtype))
        self._kernels = [
            self._kernel if self.second_moment(name, variable) else kernel
            for name, variable in variables.items()
        ]

    def second_moment(self, name: str, variable: tf.Variable) -> bool:
        return len(variable.shape) != 2 or not self._matrices.search(name)

    def update(self, index: int) -> Callable:
        return self._kernels[index]


@functools.cache
def _kernel(momentum: float, dtype: tf.DType) -> Callable:
    @one_kernel
    def nesterov(m, g, scale):
        g = g * scale
        new_m = g + momentum * (m - g)
        return new_m, g + momentum * (new_m - g)

    @one_kernel
    def moved(v, m, new_m, direction, rate, decay, ok):
        size = 0.2 * max(v.shape) ** 0.5
        new_v = v - rate * (size * tf.cast(direction, v.dtype) + decay * v)
        return tuple(tf.where(ok, new, old) for new, old in ((new_v, v), (new_m, m)))

    def new_values(v, m, s, g, scale, rate, rate_scale, decay, adapt, step, ok):
        new_m, update = nesterov(m, g, scale)
        # Outside of the kernels: the machine's library multiplies faster than XLA.
        direction = orthogonal(update, dtype)
        return *moved(v, m, new_m, direction, rate * rate_scale, decay, ok), s

    return new_values

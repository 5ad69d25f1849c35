"""Muon: steps of like size in all directions of a weight matrix."""

import functools
import re
from collections.abc import Callable

import tensorflow as tf

from kortf.ranges import Fraction
from kortf.train.optim.optimizer import AdamW

# The matrices inside the layers; embeddings, heads, biases and norms are AdamW's.
MATRICES = r"/layers/"
# Of the quintic that takes the singular values to about one (Jordan et al. 2024).
QUINTIC = (3.4445, -4.7750, 2.0315)
ITERATIONS = 5


def orthogonal(matrix: tf.Tensor, dtype: tf.DType = tf.bfloat16) -> tf.Tensor:
    """A matrix with its singular vectors, and singular values that are all about one.

    Five Newton-Schulz iterations (Jordan et al. 2024): the values come to lie about 0.7 to 1.2.

    Args:
        matrix: `[rows, columns]`.
        dtype: of the products and of what is returned.

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

    The Nesterov momentum of a matrix's gradient is made orthogonal before it is taken off. It is
    then scaled to the size of AdamW's steps, so that both share the learning rate and the weight
    decay (Liu et al. 2025, section 2.2).

    Args:
        variables: named trainable variables.
        momentum: decay of the momentum of the matrices.
        matrices: regular expression searched for in the name of a matrix that Muon updates.
        dtype: of the products that make a matrix orthogonal.
        **settings: of `Optimizer`; the moments and `epsilon` are those of AdamW.
    """

    def __init__(
        self,
        variables: dict[str, tf.Variable],
        momentum: Fraction = 0.95,
        matrices: str = MATRICES,
        dtype: str = "bfloat16",
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
    @tf.function(jit_compile=True, autograph=False)
    def nesterov(m, g, scale):
        g = g * scale
        new_m = g + momentum * (m - g)
        return new_m, g + momentum * (new_m - g)

    @tf.function(jit_compile=True, autograph=False)
    def moved(v, m, new_m, direction, rate, decay, ok):
        size = 0.2 * max(v.shape) ** 0.5
        new_v = v - rate * (size * tf.cast(direction, v.dtype) + decay * v)
        return tuple(tf.where(ok, new, old) for new, old in ((new_v, v), (new_m, m)))

    def new_values(v, m, s, g, scale, rate, rate_scale, decay, adapt, step, ok):
        new_m, update = nesterov(m, g, scale)
        # Its products are left to the library of the machine, as everywhere.
        direction = orthogonal(update, dtype)
        return *moved(v, m, new_m, direction, rate * rate_scale, decay, ok), s

    return new_values

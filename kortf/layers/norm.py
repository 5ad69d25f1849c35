"""Layer normalisation."""

import keras
import tensorflow as tf

from kortf.layers import kernels as kernels


class LayerNorm(keras.layers.Layer):
    """Layer normalisation over the last axis (Ba et al. 2016).

    Args:
        epsilon: Value added to the variance.
        bias: Whether there is an offset.
    """

    def __init__(self, epsilon: float = 1e-12, bias: bool = True, **kwargs):
        super().__init__(**kwargs)
        self.epsilon = epsilon
        self.bias = bias

    def build(self, input_shape):
        dim = input_shape[-1]
        self.gamma = self.add_weight(name="gamma", shape=(dim,), initializer="ones", autocast=False)
        if self.bias:
            self.beta = self.add_weight(
                name="beta", shape=(dim,), initializer="zeros", autocast=False
            )
        self.built = True

    def _weights(self):
        gamma = self.gamma.value
        return gamma, self.beta.value if self.bias else tf.zeros_like(gamma)

    def call(self, x):
        """Normalize `x` `[..., dim]`."""
        return kernels.layer_norm(x, *self._weights(), self.epsilon)

    def add(self, x, residual, rate: float = 0.0, seed=None):
        """`h = residual + dropout(x)` and `norm(h)`, both `[..., dim]`."""
        return kernels.dropout_add_norm(x, residual, *self._weights(), self.epsilon, rate, seed)

"""Layer normalisation."""

import keras

from kortf.layers import kernels as kernels


class LayerNorm(keras.layers.Layer):
    """Layer normalisation over the last axis (Ba et al. 2016).

    Args:
        epsilon: added to the variance.
    """

    def __init__(self, epsilon: float = 1e-12, **kwargs):
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def build(self, input_shape):
        dim = input_shape[-1]
        self.gamma = self.add_weight(name="gamma", shape=(dim,), initializer="ones", autocast=False)
        self.beta = self.add_weight(name="beta", shape=(dim,), initializer="zeros", autocast=False)
        self.built = True

    def call(self, x):
        """Normalise `x` `[..., dim]`."""
        return kernels.layer_norm(x, self.gamma.value, self.beta.value, self.epsilon)

    def add(self, x, residual, rate: float = 0.0, seed=None):
        """`h = residual + dropout(x)` and `norm(h)`, both `[..., dim]`."""
        return kernels.dropout_add_norm(
            x, residual, self.gamma.value, self.beta.value, self.epsilon, rate, seed
        )

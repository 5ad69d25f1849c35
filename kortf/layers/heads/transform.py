"""The transform that ModernBERT's heads share: dense layer, GELU, normalization, no biases."""

import keras

from kortf.layers import kernels
from kortf.layers.embeddings import initializer
from kortf.layers.norm import LayerNorm

GELU_NORM = "gelu_norm"


class PredictionTransform(keras.layers.Layer):
    """`norm(gelu(x W))` (Warner et al. 2024), in float32.

    Args:
        init_scale: Standard deviation of the initializer.
        norm_epsilon: Epsilon of the normalization.
    """

    def __init__(self, init_scale: float = 0.02, norm_epsilon: float = 1e-5, **kwargs):
        super().__init__(dtype="float32", **kwargs)
        self.init_scale = init_scale
        self.norm = LayerNorm(norm_epsilon, bias=False, name="norm", dtype="float32")

    def build(self, input_shape):
        dim = input_shape[-1]
        self.kernel = self.add_weight(
            name="kernel", shape=(dim, dim), initializer=initializer(self.init_scale)
        )
        self.norm.build(input_shape)
        self.built = True

    def call(self, x):
        """Transform `x` `[..., dim]`."""
        return self.norm(kernels.gelu(kernels.dense(x, self.kernel.value)))


def token_hidden(hidden: str | None) -> str | None:
    """Return the layer that a token head has, where the classifier of its family has `hidden`."""
    return hidden if hidden == GELU_NORM else None


def make_transform(hidden: str | None, init_scale: float) -> PredictionTransform | None:
    """Return the layer that the setting `hidden` of a token head names; None for none.

    Raises:
        ValueError: A token head has no such layer.
    """
    if hidden not in (None, GELU_NORM):
        raise ValueError(f"hidden='{hidden}': choose '{GELU_NORM}', or none")
    return None if hidden is None else PredictionTransform(init_scale, name="transform")

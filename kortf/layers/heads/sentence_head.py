"""The head of sentence embeddings: pooling, normalization and the temperature of the loss."""

import math

import keras
from keras import ops

from kortf.layers.contrastive import normalized
from kortf.layers.heads.pooling import POOLINGS, pool

MAX_SCALE = 100.0  # of a learned temperature, as CLIP has it (Radford et al. 2021, section 2.5)


class SentenceHead(keras.layers.Layer):
    """One vector for each text.

    Args:
        pooling: `mean` or `max` over the tokens, special tokens included, or `cls`: the last
            layer's vector of the first token.
        normalize: Whether to divide each vector by its length.
        temperature: Divisor of the cosines in a contrastive loss, or the first value of it.
        learn_temperature: Whether the temperature is trained.
    """

    def __init__(
        self,
        pooling: str = "mean",
        normalize: bool = True,
        temperature: float = 0.05,
        learn_temperature: bool = False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if pooling not in POOLINGS:
            raise ValueError(f"pooling='{pooling}': choose one of {', '.join(POOLINGS)}")
        self.pooling_mode = pooling
        self.normalize = normalize
        self.temperature = temperature
        self.learn_temperature = learn_temperature
        self.log_scale = None

    def build(self, hidden_dim: int):
        del hidden_dim
        if self.learn_temperature:
            self.log_scale = self.add_weight(
                name="log_scale", shape=(1,), dtype="float32",
                initializer=keras.initializers.Constant(-math.log(self.temperature)),
            )  # fmt: skip
        self.built = True

    @property
    def scale(self):
        """Factor of the cosines: the inverse of the temperature, a number or a scalar tensor."""
        if self.log_scale is None:
            return 1.0 / self.temperature
        return ops.minimum(ops.exp(self.log_scale.value[0]), MAX_SCALE)

    def call(self, outputs, padding_mask):
        """Pool the outputs of an encoder.

        Args:
            outputs: `{"sequence": [batch, seq, dim], …}`.
            padding_mask: `[batch, seq]`.

        Returns:
            float32 `[batch, dim]`.
        """
        if self.pooling_mode == "cls":
            vectors = outputs["sequence"][:, 0]
        else:
            vectors = pool(outputs, padding_mask, self.pooling_mode)
        return normalized(vectors) if self.normalize else ops.cast(vectors, "float32")

"""The head of late interaction: a projection of each token."""

import keras
from keras import ops

from kortf.layers.contrastive import normalized
from kortf.layers.embeddings import initializer
from kortf.layers.heads.temperature import TemperedHead


class TokenHead(TemperedHead):
    """One vector for each token (Khattab and Zaharia 2020, ColBERT, section 3.2).

    Args:
        width: Number of dimensions of a token's vector.
        init_scale: Standard deviation of the initializer.
        settings: Temperature, as in `TemperedHead`.
    """

    def __init__(self, width: int = 128, init_scale: float = 0.02, **settings):
        super().__init__(**settings)
        self.width = width
        self.projection = keras.layers.Dense(
            width,
            use_bias=False,
            kernel_initializer=initializer(init_scale),
            name="projection",
            dtype=self.dtype_policy,
        )

    def build(self, hidden_dim: int):
        self.projection.build((None, None, hidden_dim))
        super().build(hidden_dim)

    def call(self, outputs, counted):
        """Project the outputs of an encoder.

        Args:
            outputs: `{"sequence": [batch, seq, dim], …}`.
            counted: Tokens that count, `[batch, seq]`, bool or int.

        Returns:
            float32 `[batch, seq, width]`: vectors of length 1, zeros for tokens that do not count.
        """
        vectors = normalized(self.projection(outputs["sequence"]))
        return ops.where(ops.cast(counted, "bool")[:, :, None], vectors, 0.0)

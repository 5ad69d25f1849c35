"""The head of sequence classification."""

import keras

from kortf.layers import fused
from kortf.layers.embeddings import initializer
from kortf.layers.pooling import POOLINGS, pool


class Classifier(keras.layers.Layer):
    """Pooling, dropout and a dense layer.

    Args:
        num_classes: outputs.
        pooling: `cls`, `mean` or `max`.
        dropout: rate before the dense layer.
        init_scale: standard deviation of the initialiser.
    """

    def __init__(
        self,
        num_classes: int,
        pooling: str = "cls",
        dropout: float = 0.1,
        init_scale: float = 0.02,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if pooling not in POOLINGS:
            raise ValueError(f"pooling='{pooling}': choose one of {', '.join(POOLINGS)}")
        self.num_classes = num_classes
        self.pooling = pooling
        self.dropout = dropout
        self.dense = keras.layers.Dense(
            num_classes, kernel_initializer=initializer(init_scale), name="dense", dtype="float32"
        )

    def build(self, hidden_dim: int):
        self.dense.build((None, hidden_dim))
        self.built = True

    def call(self, outputs, padding_mask, seed=None):
        """Scores of each class.

        Args:
            outputs: of the encoder.
            padding_mask: `[batch, seq]`.
            seed: int32 `[2]` of dropout; None for inference.

        Returns:
            float32 `[batch, num_classes]`.
        """
        x = fused.dropout(pool(outputs, padding_mask, self.pooling), self.dropout, seed)
        return self.dense(x)

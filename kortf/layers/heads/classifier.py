"""The head of sequence classification."""

import functools

import keras
from keras import ops

from kortf.layers import kernels as kernels
from kortf.layers import random
from kortf.layers.embeddings import initializer
from kortf.layers.heads.pooling import POOLINGS, pool
from kortf.layers.heads.transform import GELU_NORM, PredictionTransform

HIDDEN = {
    "gelu": kernels.gelu,
    "gelu_tanh": functools.partial(kernels.gelu, approximate=True),
    "relu": ops.relu,
    "tanh": ops.tanh,
    GELU_NORM: None,
}


class Classifier(keras.layers.Layer):
    """Pooling, dropout and a dense layer, or two.

    Args:
        num_classes: Outputs.
        pooling: `cls`, `mean` or `max`.
        dropout: Rate before the dense layer.
        init_scale: Standard deviation of the initialiser.
        hidden: A layer more before the dense layer, as transformers has it: `gelu` over ELECTRA and
            DeBERTa, `gelu_tanh` over BigBird, `relu` over DistilBERT, `tanh` over RoBERTa,
            `gelu_norm` (the `PredictionTransform`) over ModernBERT; None for none.
    """

    def __init__(
        self,
        num_classes: int,
        pooling: str = "cls",
        dropout: float = 0.1,
        init_scale: float = 0.02,
        hidden: str | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if pooling not in POOLINGS:
            raise ValueError(f"pooling='{pooling}': choose one of {', '.join(POOLINGS)}")
        if hidden is not None and hidden not in HIDDEN:
            raise ValueError(f"hidden='{hidden}': choose one of {', '.join(HIDDEN)}")
        self.num_classes = num_classes
        self.hidden = hidden
        self.pooling = pooling
        self.dropout = dropout
        self._initializer = initializer(init_scale)
        self.hidden_dense = None
        self.transform = None
        if hidden == GELU_NORM:
            self.transform = PredictionTransform(init_scale, name="transform")
        self.dense = keras.layers.Dense(
            num_classes, kernel_initializer=self._initializer, name="dense", dtype="float32"
        )

    def build(self, hidden_dim: int):
        if self.transform is not None:
            self.transform.build((None, hidden_dim))
        elif self.hidden is not None:
            self.hidden_dense = keras.layers.Dense(
                hidden_dim, kernel_initializer=self._initializer, name="hidden_dense",
                dtype="float32",
            )  # fmt: skip
            self.hidden_dense.build((None, hidden_dim))
        self.dense.build((None, hidden_dim))
        self.built = True

    def call(self, outputs, padding_mask, seed=None):
        """Score each class.

        Args:
            outputs: Outputs of the encoder.
            padding_mask: `[batch, seq]`.
            seed: int32 `[2]` of dropout; None for inference.

        Returns:
            float32 `[batch, num_classes]`.
        """
        x = pool(outputs, padding_mask, self.pooling)
        if self.transform is not None:
            x = self.transform(ops.cast(x, "float32"))
        if self.hidden is None or self.transform is not None:
            return self.dense(kernels.dropout(x, self.dropout, seed))
        first, second = random.split(seed, 2)
        x = HIDDEN[self.hidden](self.hidden_dense(kernels.dropout(x, self.dropout, first)))
        return self.dense(kernels.dropout(x, self.dropout, second))

"""The contract of an encoder, which objectives and tasks are handed."""

import abc
import inspect

import keras
import tensorflow as tf

from kortf.layers.embeddings import TokenEmbedding


class Encoder(keras.layers.Layer, abc.ABC):
    """Turns a batch of features into one vector a token and one a row.

    A subclass takes its sizes as keyword arguments, makes all weights in `build`, and sets

    Attributes:
        token_embedding: the table that a tied head scores the vocabulary with.
        hidden_dim: size of the vectors it returns.
        causal: whether a position sees only what stands before it.
        settings: the arguments it was made with, complete with defaults (without `dtype`).
    """

    token_embedding: TokenEmbedding
    hidden_dim: int
    causal: bool = False

    def __init__(self, settings: dict, dtype=None):
        super().__init__(name="encoder", dtype=dtype)
        self.settings = settings

    @classmethod
    def arguments(cls, given: dict) -> dict:
        """`given` (the locals of the class's `__init__`) as settings, in the signature's order."""
        names = inspect.signature(cls.__init__).parameters
        return {name: given[name] for name in names if name not in ("self", "dtype")}

    @abc.abstractmethod
    def call(self, batch: dict[str, tf.Tensor], seed: tf.Tensor | None = None) -> dict:
        """Encodes a batch.

        Args:
            batch: `token_ids`, `padding_mask` and, where there are any, `segment_ids` and
                `pack_ids`, each int32 `[batch, seq]`.
            seed: int32 `[2]` of dropout; None for inference.

        Returns:
            `{"sequence": [batch, seq, dim], "pooled": [batch, dim]}`.
        """

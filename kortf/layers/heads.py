"""Heads: what turns an encoder's vectors into scores."""

import keras
from keras import ops

from kortf.layers.embeddings import TokenEmbedding, initializer
from kortf.layers.norm import LayerNorm
from kortf.layers.transformer import ACTIVATIONS


def gather_positions(sequence, positions):
    """The vectors at given positions: the vocabulary is scored only there.

    Args:
        sequence: `[batch, seq, dim]`.
        positions: int32 `[batch, n]`.

    Returns:
        `[batch * n, dim]`.
    """
    batch, length, dim = ops.shape(sequence)
    flat = ops.reshape(sequence, (batch * length, dim))
    index = positions + ops.arange(batch, dtype="int32")[:, None] * length  # (batch, n)
    return ops.take(flat, ops.reshape(index, (-1,)), axis=0)


class MaskedLMHead(keras.layers.Layer):
    """BERT's vocabulary head: dense, activation, normalisation, the tied token table, a bias.

    Args:
        token_embedding: the encoder's table.
        activation: of the dense layer.
        norm_epsilon: of the normalisation.
        init_scale: standard deviation of the initialiser.
    """

    def __init__(
        self,
        token_embedding: TokenEmbedding,
        activation: str = "gelu",
        norm_epsilon: float = 1e-12,
        init_scale: float = 0.02,
        **kwargs,
    ):
        super().__init__(**kwargs)
        # Behind a function: Keras looks into attributes and lists, and the table is the encoder's.
        self._token_embedding = lambda: token_embedding
        self.activation = activation
        self.dense = keras.layers.Dense(
            token_embedding.dim,
            kernel_initializer=initializer(init_scale),
            name="dense",
            dtype=self.dtype_policy,
        )
        self.norm = LayerNorm(norm_epsilon, name="norm", dtype=self.dtype_policy)

    @property
    def token_embedding(self) -> TokenEmbedding:
        """The table that the scores are tied to."""
        return self._token_embedding()

    def build(self, input_shape):
        self.dense.build(input_shape)
        self.norm.build((None, self.token_embedding.dim))
        self.bias = self.add_weight(
            name="bias", shape=(self.token_embedding.vocabulary_size,), initializer="zeros"
        )
        self.built = True

    def call(self, x):
        """Scores all pieces: `[rows, dim]` to `[rows, vocabulary_size]`."""
        x = self.norm(ACTIVATIONS[self.activation](self.dense(x)))
        return self.token_embedding.logits(x, self.bias.value)

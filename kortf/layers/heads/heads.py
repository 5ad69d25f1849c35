"""Heads: what turns an encoder's vectors into scores."""

import keras
import tensorflow as tf
from keras import ops

from kortf.layers import kernels as kernels
from kortf.layers.chunked import NUMBER, in_chunks
from kortf.layers.embeddings import TokenEmbedding, initializer
from kortf.layers.functional import Functional
from kortf.layers.norm import LayerNorm
from kortf.layers.transformer import ACTIVATIONS


def gather_positions(sequence, positions):
    """Return the vectors at given positions: the vocabulary is scored only there.

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


class TiedHead(keras.layers.Layer):
    """A head that scores the vocabulary by the encoder's own token table.

    Args:
        token_embedding: The table.
    """

    def __init__(self, token_embedding: TokenEmbedding, **kwargs):
        super().__init__(**kwargs)
        # Behind a function: Keras looks into attributes and lists, and the table is the encoder's.
        self._token_embedding = lambda: token_embedding

    @property
    def token_embedding(self) -> TokenEmbedding:
        """Return the table that the scores are tied to."""
        return self._token_embedding()


class MaskedLMHead(TiedHead):
    """BERT's vocabulary head: dense, activation, normalisation, the tied token table, a bias.

    Args:
        token_embedding: The encoder's table.
        activation: Activation of the dense layer.
        norm_epsilon: Epsilon of the normalisation.
        init_scale: Standard deviation of the initialiser.
        bias: Whether the dense layer and the normalization have an offset.
    """

    def __init__(
        self,
        token_embedding: TokenEmbedding,
        activation: str = "gelu",
        norm_epsilon: float = 1e-12,
        init_scale: float = 0.02,
        bias: bool = True,
        **kwargs,
    ):
        super().__init__(token_embedding, **kwargs)
        self.activation = activation
        self.dense = keras.layers.Dense(
            token_embedding.dim,
            use_bias=bias,
            kernel_initializer=initializer(init_scale),
            name="dense",
            dtype=self.dtype_policy,
        )
        self.norm = LayerNorm(norm_epsilon, bias, name="norm", dtype=self.dtype_policy)

    @classmethod
    def over(cls, encoder, dtype=None) -> "MaskedLMHead":
        """Return the head of an encoder, with the encoder's settings and its weights made."""
        settings = encoder.settings
        head = cls(
            encoder.token_embedding,
            settings["activation"],
            settings["norm_epsilon"],
            settings["init_scale"],
            encoder.head_bias,
            name="masked_lm",
            dtype=dtype,
        )
        head.build((None, encoder.hidden_dim))
        return head

    def build(self, input_shape):
        self.dense.build(input_shape)
        self.norm.build((None, self.token_embedding.dim))
        self.bias = self.add_weight(
            name="bias", shape=(self.token_embedding.vocabulary_size,), initializer="zeros"
        )
        self.built = True

    def call(self, x):
        """Score all pieces: `[rows, dim]` to `[rows, vocabulary_size]`."""
        x = self.norm(ACTIVATIONS[self.activation](self.dense(x)))
        return self.token_embedding.logits(x, self.bias.value)


class CausalLMHead(TiedHead):
    """GPT's vocabulary head: the tied token table alone, behind a projection where sizes differ.

    Args:
        token_embedding: The encoder's table.
        init_scale: Standard deviation of the initialiser.
    """

    def __init__(self, token_embedding: TokenEmbedding, init_scale: float = 0.02, **kwargs):
        super().__init__(token_embedding, **kwargs)
        self.init_scale = init_scale
        self.projection = None

    @classmethod
    def over(cls, encoder, dtype=None) -> "CausalLMHead":
        """Return the head of an encoder, with its weights made."""
        scale = encoder.settings["init_scale"]
        head = cls(encoder.token_embedding, scale, name="causal_lm", dtype=dtype)
        head.build((None, encoder.hidden_dim))
        return head

    def build(self, input_shape):
        if input_shape[-1] != self.token_embedding.dim:
            self.projection = keras.layers.Dense(
                self.token_embedding.dim,
                use_bias=False,
                kernel_initializer=initializer(self.init_scale),
                name="projection",
                dtype=self.dtype_policy,
            )
            self.projection.build(input_shape)
        self.built = True

    def call(self, x):
        """Score all pieces: `[rows, dim]` to `[rows, vocabulary_size]`."""
        if self.projection is not None:
            x = self.projection(x)
        bias = ops.zeros((self.token_embedding.vocabulary_size,), x.dtype)
        return self.token_embedding.logits(x, bias)


class ReplacedTokenHead(keras.layers.Layer):
    """ELECTRA's discriminator head: a dense layer, an activation, one score a token.

    Args:
        activation: Activation of the dense layer.
        init_scale: Standard deviation of the initialiser.
    """

    def __init__(self, activation: str = "gelu", init_scale: float = 0.02, **kwargs):
        super().__init__(**kwargs)
        self.activation = activation
        self.init_scale = init_scale

    @classmethod
    def over(cls, encoder, dtype=None) -> "ReplacedTokenHead":
        """Return the head of an encoder, with the encoder's settings and its weights made."""
        settings = encoder.settings
        head = cls(
            settings["activation"], settings["init_scale"], name="replaced_token", dtype=dtype
        )
        head.build((None, None, encoder.hidden_dim))
        return head

    def build(self, input_shape):
        scale = initializer(self.init_scale)
        self.dense = keras.layers.Dense(
            input_shape[-1], kernel_initializer=scale, name="dense", dtype=self.dtype_policy
        )
        self.scores = keras.layers.Dense(
            1, kernel_initializer=scale, name="scores", dtype="float32"
        )
        self.dense.build(input_shape)
        self.scores.build(input_shape)
        self.built = True

    def call(self, x):
        """Score each token as replaced: `[..., dim]` to float32 logits `[...]`."""
        x = ACTIVATIONS[self.activation](self.dense(x))
        return ops.squeeze(self.scores(x), axis=-1)


# Scores of all pieces that are held at a time: 512 MB in float32.
_SCORES_AT_A_TIME = 2**27


class VocabularyLoss:
    """Loss and accuracy of a vocabulary head.

    Args:
        head: Scores the pieces; its weights are made.
        chunks: Parts of the rows that are scored one after the other, going back a second time;
            None for as many as their number asks for.
    """

    def __init__(self, head: TiedHead, chunks: int | None = None):
        if chunks is not None and chunks < 1:
            raise ValueError(f"chunks={chunks}: choose 1 or more")
        self.head = head
        self.chunks = chunks
        self._function = Functional(self._score, [head, head.token_embedding])

    def __call__(self, x: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Cross-entropy of each row, and whether its label has the highest score.

        Args:
            x: `[rows, dim]`.
            labels: int32 `[rows]`.

        Returns:
            `(loss, correct)`, both float32 `[rows]`, the loss in nats.
        """
        chunks = self._number(x)
        if chunks == 1:
            return self._score(x, labels)
        weights = self._function.weights()
        return in_chunks(self._function, weights, [x, labels], [NUMBER] * 2, chunks)

    def _score(self, x, labels):
        return kernels.cross_entropy(self.head(x), labels)

    def _number(self, x) -> int:
        if self.chunks is not None:
            return self.chunks
        scores = (x.shape[0] or 1) * self.head.token_embedding.vocabulary_size
        return -(-scores // _SCORES_AT_A_TIME)

"""Head of the span boundary objective: a masked piece from the tokens on both sides of its span.

Joshi et al. 2019, SpanBERT, section 3.2.
"""

import keras
from keras import ops

from kortf.layers.embeddings import TokenEmbedding, initializer
from kortf.layers.heads.heads import TiedHead, gather_positions
from kortf.layers.norm import LayerNorm
from kortf.layers.transformer import ACTIVATIONS

POSITION_DIM = 200  # as in the paper
MAX_OFFSET = 64  # a span of ten eojeol has about thirty pieces; those further on share a vector


def gather_boundaries(sequence, span_starts, span_ends):
    """Return the vectors before and behind spans, side by side; at the edge of the row, the edge's.

    Args:
        sequence: `[batch, seq, dim]`.
        span_starts: int32 `[batch, n]`, the first place of each span.
        span_ends: int32 `[batch, n]`, the last.

    Returns:
        `[batch * n, 2 * dim]`.
    """
    length, dim = ops.shape(sequence)[1:]
    before = ops.maximum(span_starts - 1, 0)
    behind = ops.minimum(span_ends + 1, length - 1)
    places = ops.stack([before, behind], axis=-1)  # (batch, n, 2)
    places = ops.reshape(places, (ops.shape(places)[0], -1))  # (batch, n * 2)
    return ops.reshape(gather_positions(sequence, places), (-1, 2 * dim))  # (batch * n, 2 * dim)


class SpanBoundaryHead(TiedHead):
    """Score all pieces for a place in a span by the span's neighbours and that place's number.

    `faithful` is the paper's: the number counts from the beginning of the span; two layers, each
    dense, activation and normalisation; the tied token table and a bias. `compatible` is the small
    Korean SpanBERT's: the number is the position in the text; one projection and the tied token
    table, without bias.

    Args:
        token_embedding: The encoder's table.
        style: `faithful` or `compatible`.
        max_position: Number of positions; larger ones count as the last.
        position_dim: Size of a position's vector.
        activation: Activation of the dense layers.
        norm_epsilon: Epsilon of the normalisations.
        init_scale: Standard deviation of the initialiser.
    """

    def __init__(
        self,
        token_embedding: TokenEmbedding,
        style: str = "faithful",
        max_position: int = MAX_OFFSET,
        position_dim: int = POSITION_DIM,
        activation: str = "gelu",
        norm_epsilon: float = 1e-12,
        init_scale: float = 0.02,
        **kwargs,
    ):
        super().__init__(token_embedding, **kwargs)
        self.style = style
        self.max_position = max_position
        self.position_dim = position_dim
        self.activation = activation
        self.norm_epsilon = norm_epsilon
        self.init_scale = init_scale

    @classmethod
    def over(cls, encoder, style: str = "faithful", dtype=None) -> "SpanBoundaryHead":
        """Return the head of an encoder, with the encoder's settings and its weights made."""
        settings = encoder.settings
        absolute = style == "compatible"
        head = cls(
            encoder.token_embedding,
            style,
            settings["max_length"] if absolute else MAX_OFFSET,
            encoder.hidden_dim if absolute else POSITION_DIM,
            settings["activation"],
            settings["norm_epsilon"],
            settings["init_scale"],
            name="span_boundary",
            dtype=dtype,
        )
        head.build((None, 2 * encoder.hidden_dim))
        return head

    def build(self, input_shape):
        dim, scale = self.token_embedding.dim, initializer(self.init_scale)
        faithful = self.style == "faithful"
        self.positions = self.add_weight(
            name="positions", shape=(self.max_position, self.position_dim), initializer=scale
        )
        # One matrix in two: positions are few, so theirs is multiplied out before it is read.
        self.boundary_dense = self._dense("boundary_dense", faithful)
        self.position_dense = self._dense("position_dense", False)
        self.boundary_dense.build(input_shape)
        self.position_dense.build((None, self.position_dim))
        if faithful:
            self.dense = self._dense("dense", True)
            self.dense.build((None, dim))
            self.norms = [
                LayerNorm(self.norm_epsilon, name=name, dtype=self.dtype_policy)
                for name in ("boundary_norm", "norm")
            ]
            for norm in self.norms:
                norm.build((None, dim))
            self.bias = self.add_weight(
                name="bias", shape=(self.token_embedding.vocabulary_size,), initializer="zeros"
            )
        self.built = True

    def _dense(self, name: str, use_bias: bool) -> keras.layers.Dense:
        return keras.layers.Dense(
            self.token_embedding.dim,
            use_bias=use_bias,
            kernel_initializer=initializer(self.init_scale),
            name=name,
            dtype=self.dtype_policy,
        )

    def call(self, boundaries, positions):
        """Score all pieces.

        Args:
            boundaries: `[rows, 2 * dim]`, the vectors before and behind the span of each place.
            positions: int32 `[rows]`, the place's offset in its span, or its position in the text.

        Returns:
            `[rows, vocabulary_size]`.
        """
        table = self.position_dense(ops.convert_to_tensor(self.positions))  # (max_position, dim)
        positions = ops.clip(positions, 0, self.max_position - 1)
        x = self.boundary_dense(boundaries) + ops.take(table, positions, axis=0)
        if self.style == "compatible":
            bias = ops.zeros((self.token_embedding.vocabulary_size,), x.dtype)
            return self.token_embedding.logits(x, bias)
        activation = ACTIVATIONS[self.activation]
        x = self.norms[0](activation(x))
        x = self.norms[1](activation(self.dense(x)))
        return self.token_embedding.logits(x, self.bias.value)

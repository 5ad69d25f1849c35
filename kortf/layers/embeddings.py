"""Token, position and segment embeddings."""

import contextlib
import contextvars
from collections.abc import Iterator

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from kortf.layers import kernels as kernels
from kortf.layers import taps
from kortf.layers.attention.axial import AxialPositions
from kortf.layers.norm import LayerNorm


class Undrawn(keras.initializers.Initializer):
    """Initialiser that leaves memory uninitialised."""

    def __call__(self, shape, dtype=None):
        return tf.raw_ops.Empty(shape=shape, dtype=dtype or keras.config.floatx(), init=False)


_UNDRAWN = contextvars.ContextVar("undrawn", default=False)


@contextlib.contextmanager
def undrawn() -> Iterator[None]:
    """Skip drawing initial weights inside the block; a file must fill them at once.

    To draw the numbers of a base model takes several times as long as to read them.
    """
    token = _UNDRAWN.set(True)
    try:
        yield
    finally:
        _UNDRAWN.reset(token)


def initializer(scale: float) -> keras.initializers.Initializer:
    """BERT's initialiser: a normal of the given standard deviation, cut at two of them."""
    if _UNDRAWN.get():
        return Undrawn()
    return keras.initializers.TruncatedNormal(stddev=scale)


def pack_positions(pack_ids: tf.Tensor) -> tf.Tensor:
    """Positions that restart in each packed example.

    Example:
        >>> pack_positions([[1, 1, 1, 2, 2, 0]])
        [[0, 1, 2, 0, 1, 0]]

    Args:
        pack_ids: int32 `[batch, seq]`, 1… the packed example, 0 padding.

    Returns:
        int32 `[batch, seq]`.
    """
    pack_ids = tf.convert_to_tensor(pack_ids)
    index = tf.range(tf.shape(pack_ids)[1])[None, :]
    first = tf.concat([tf.ones_like(pack_ids[:, :1]), pack_ids[:, 1:] - pack_ids[:, :-1]], 1) != 0
    start = tf.where(first, index, 0)
    return index - _running_maximum(start)


def _running_maximum(x: tf.Tensor) -> tf.Tensor:
    # A step doubles the reach: ceil(log2(seq)) elementwise maxima in place of a sequential scan.
    reach, length = 1, x.shape[1]
    while reach < length:
        shifted = tf.pad(x[:, :-reach], [[0, 0], [reach, 0]])
        x, reach = tf.maximum(x, shifted), reach * 2
    return x


class TokenEmbedding(keras.layers.Layer):
    """A table of vectors that is read by id and, tied, scores the vocabulary.

    Args:
        vocabulary_size: Rows.
        dim: Size of a vector.
        init_scale: Standard deviation of the initialiser.
    """

    def __init__(self, vocabulary_size: int, dim: int, init_scale: float = 0.02, **kwargs):
        super().__init__(**kwargs)
        self.vocabulary_size = vocabulary_size
        self.dim = dim
        self.init_scale = init_scale

    def build(self, input_shape=None):
        # autocast=False: rows are cast after they are read, not the table before.
        self.embeddings = self.add_weight(
            name="embeddings",
            shape=(self.vocabulary_size, self.dim),
            initializer=initializer(self.init_scale),
            autocast=False,
        )
        self.built = True

    def call(self, token_ids):
        """Return vectors of `token_ids` `[batch, seq]`: `[batch, seq, dim]`."""
        vectors = ops.cast(ops.take(self.embeddings, token_ids, axis=0), self.compute_dtype)
        return taps.changed(self, vectors)

    def logits(self, x, bias):
        """Score all pieces, with a bias each: `[rows, dim]` to `[rows, vocabulary_size]`."""
        return kernels.dense(x, ops.cast(self.embeddings, x.dtype), bias, transpose=True)


class Sinusoidal(keras.initializers.Initializer):
    """Sines and cosines (Vaswani et al. 2017, section 3.5) that learned positions start from.

    Between vectors of this kind "the one before" is the same linear map everywhere: attention does
    not have to find out for each position anew where its neighbours are.

    Args:
        scale: Root mean square of the values.
    """

    def __init__(self, scale: float = 0.02):
        self.scale = scale

    def __call__(self, shape, dtype=None):
        positions, dim = shape
        rates = 10000.0 ** (-np.arange(0, dim, 2) / dim)
        angles = np.arange(positions)[:, None] * rates
        values = np.stack([np.sin(angles), np.cos(angles)], axis=-1)  # (positions, dim / 2, 2)
        values = np.reshape(values, (positions, -1))[:, :dim]
        return ops.convert_to_tensor(values * self.scale * 2**0.5, dtype)

    def get_config(self) -> dict:
        """Return the arguments."""
        return {"scale": self.scale}


POSITION_INITIALIZERS = {"normal": initializer, "sinusoidal": Sinusoidal}


class TransformerEmbedding(keras.layers.Layer):
    """Sum of token, position and segment vectors, normalised if asked, then dropout.

    Args:
        token_embedding: The table of token vectors (shared with the head).
        max_length: Number of learned positions; 0 where they are not learned.
        num_segments: Number of segment vectors; 0 for none.
        norm: Whether to normalise the sum (post-norm models do).
        dropout: Rate.
        norm_epsilon: Epsilon of the normalisation.
        init_scale: Standard deviation of the initialiser.
        position_init: `normal` as published, or `sinusoidal`.
        axial: Rows and columns of axial positions; None where there are none.
        position_offset: Rows of learned positions before that of the first one.
    """

    def __init__(
        self,
        token_embedding: TokenEmbedding,
        max_length: int,
        num_segments: int = 2,
        norm: bool = True,
        dropout: float = 0.1,
        norm_epsilon: float = 1e-12,
        init_scale: float = 0.02,
        position_init: str = "normal",
        axial: tuple[int, int] | None = None,
        position_offset: int = 0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.token_embedding = token_embedding
        if position_init not in POSITION_INITIALIZERS:
            known = ", ".join(POSITION_INITIALIZERS)
            raise ValueError(f"position_init='{position_init}': choose one of {known}")
        self.position_init = position_init
        self.max_length = max_length
        self.position_offset = position_offset
        self.num_segments = num_segments
        self.dropout = dropout
        self.init_scale = init_scale
        self.norm = LayerNorm(norm_epsilon, name="norm", dtype=self.dtype_policy) if norm else None
        self.axial = None
        if axial is not None:
            init = POSITION_INITIALIZERS[position_init](init_scale)
            self.axial = AxialPositions(*axial, init, name="axial", dtype=self.dtype_policy)

    def build(self, input_shape=None):
        dim = self.token_embedding.dim
        self.token_embedding.build()
        positions = self.position_offset + self.max_length if self.max_length else 0
        for name, rows, make in (
            ("positions", positions, POSITION_INITIALIZERS[self.position_init]),
            ("segments", self.num_segments, initializer),
        ):
            if not rows:
                continue
            weight = self.add_weight(
                name=name, shape=(rows, dim), initializer=make(self.init_scale), autocast=False
            )
            setattr(self, name, weight)
        if self.axial is not None:
            self.axial.build(dim)
        if self.norm is not None:
            self.norm.build((None, None, dim))
        self.built = True

    def call(self, token_ids, segment_ids=None, positions=None, seed=None, residual=None):
        """Embed `[batch, seq]` ids.

        Args:
            token_ids: int32 `[batch, seq]`.
            segment_ids: int32 `[batch, seq]`; None for the first segment throughout, and so it is
                where there is but one.
            positions: int32 `[batch or 1, seq]`; None for 0, 1, 2, … in each row.
            seed: int32 `[2]`; None for inference.
            residual: `[batch, seq, dim]`, added to the token vectors, which then take no gradient;
                None for none.

        Returns:
            `[batch, seq, dim]`.
        """
        x = self.token_embedding(token_ids)
        if residual is not None:
            x = ops.stop_gradient(x) + ops.cast(residual, x.dtype)
        if self.max_length:
            if positions is None:
                first = self.position_offset
                vectors = self.positions[first : first + ops.shape(token_ids)[1]][None]
            else:
                vectors = ops.take(self.positions, positions + self.position_offset, axis=0)
            x = x + ops.cast(vectors, self.compute_dtype)
        if self.axial is not None:
            if positions is None:
                positions = ops.arange(ops.shape(token_ids)[1], dtype="int32")[None]
            x = x + ops.cast(self.axial(positions), self.compute_dtype)
        if self.num_segments == 1 or (self.num_segments and segment_ids is None):
            x = x + ops.cast(self.segments[:1], self.compute_dtype)
        elif self.num_segments:
            # Two rows: a product with the one-hot is cheaper than a gather, most of all backward.
            # Not ops.one_hot, whose numbers are int64.
            numbers = ops.arange(self.num_segments, dtype=segment_ids.dtype)
            one_hot = ops.cast(segment_ids[..., None] == numbers, self.compute_dtype)
            x = x + ops.matmul(one_hot, ops.cast(self.segments, self.compute_dtype))
        if self.norm is not None:
            x = self.norm(x)
        return kernels.dropout(x, self.dropout, seed)

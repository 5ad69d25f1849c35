"""Biaffine head of dependency parsing (Dozat and Manning 2017)."""

import keras
import tensorflow as tf

from kortf.layers import kernels as kernels
from kortf.layers import random
from kortf.layers.embeddings import initializer

BARRED = -1e4  # finite, so that bfloat16 and empty rows stay numbers


class BiaffineParser(keras.layers.Layer):
    """Score each token as the head of each other one, and the types of their arcs, in float32.

    Args:
        num_types: Number of arc types.
        arc_dim: Width of the vectors that arcs are scored with.
        type_dim: Width of the vectors that types are scored with.
        dropout: Dropout rate on the encoder's output.
        init_scale: Standard deviation of the initialiser.
    """

    def __init__(
        self,
        num_types: int,
        arc_dim: int = 256,
        type_dim: int = 64,
        dropout: float = 0.1,
        init_scale: float = 0.02,
        **kwargs,
    ):
        super().__init__(dtype="float32", **kwargs)
        self.num_types, self.type_dim, self.dropout = num_types, type_dim, dropout
        self.arc_dim = arc_dim
        self._initializer = initializer(init_scale)

        def dense(name, units):
            return keras.layers.Dense(
                units, "relu", kernel_initializer=self._initializer, name=name, dtype="float32"
            )

        self.arc_dependent = dense("arc_dependent", arc_dim)
        self.arc_head = dense("arc_head", arc_dim)
        self.type_dependent = dense("type_dependent", type_dim)
        self.type_head = dense("type_head", type_dim)

    def build(self, hidden_dim: int):
        for layer in (self.arc_dependent, self.arc_head, self.type_dependent, self.type_head):
            layer.build((None, hidden_dim))
        make = {"initializer": self._initializer, "dtype": "float32"}
        wide = self.type_dim + 1
        self.arcs = self.add_weight(name="arcs", shape=(self.arc_dim + 1, self.arc_dim), **make)
        self.types = self.add_weight(name="types", shape=(wide, self.num_types, wide), **make)
        self.built = True

    def call(self, sequence, candidates, seed=None):
        """Score arcs, and compute the vectors from which `type_scores` scores their types.

        Args:
            sequence: `[batch, seq, dim]`.
            candidates: bool `[batch, seq]`, tokens that may be a head.
            seed: Seed of dropout, int32 `[2]`; None for inference.

        Returns:
            float32 `[batch, seq, seq + 2 * type_dim]`: the score of each head of a token, then its
            vectors as a dependent and as a head.
        """
        x = kernels.dropout(sequence, self.dropout, random.split(seed, 1)[0])
        dependent = _with_one(self.arc_dependent(x))
        arcs = tf.einsum("bid,de,bje->bij", dependent, self.arcs, self.arc_head(x))
        arcs = tf.where(candidates[:, None], arcs, BARRED)
        return tf.concat([arcs, self.type_dependent(x), self.type_head(x)], axis=-1)

    def split(self, scores: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Split the result of `call` into arcs, dependent vectors and head vectors."""
        size = tf.shape(scores)[2] - 2 * self.type_dim
        return tuple(tf.split(scores, [size, self.type_dim, self.type_dim], axis=2))

    def type_scores(self, dependents, heads, chosen) -> tf.Tensor:
        """Score the types of one arc of each token.

        Args:
            dependents: `[batch, seq, type_dim]`, from `split`.
            heads: `[batch, seq, type_dim]`, from `split`.
            chosen: int32 `[batch, seq]`, head of each token.

        Returns:
            float32 `[batch, seq, num_types]`.
        """
        heads = tf.gather(heads, chosen, batch_dims=1)
        left = tf.einsum("bid,dte->bite", _with_one(dependents), self.types)
        return tf.einsum("bite,bie->bit", left, _with_one(heads))


def _with_one(x: tf.Tensor) -> tf.Tensor:
    """Append a 1 to each vector, for the bias of a biaffine product."""
    return tf.concat([x, tf.ones_like(x[..., :1])], axis=-1)

"""What the encoders have in common that begin with an embedding and end in a pooler."""

import abc

import keras
import tensorflow as tf
from keras import ops

from kortf.layers.attention.axial import axial_shape
from kortf.layers.embeddings import TokenEmbedding, TransformerEmbedding, initializer
from kortf.layers.heads.heads import gather_positions
from kortf.models.encoder import Encoder


class EmbeddedEncoder(Encoder, abc.ABC):
    """Embedding, a projection where its size is another, layers and a pooler.

    A subclass says which layers, and calls `_make` when its settings are known: among them are
    `hidden_dim`, `embedding_dim`, `intermediate_dim`, `num_heads` and all of the embedding.
    """

    # Whether there is a projection behind the embedding even where the sizes are the same.
    always_projects = False
    # What `positions` may be.
    known_positions: tuple[str, ...] = ("learned", "rotary")

    @abc.abstractmethod
    def _make_layers(self) -> keras.layers.Layer:
        """The layers, with `num_layers`; they are built for `[batch, seq, hidden_dim]`."""

    def _width(self) -> int:
        """The size of the vectors that come out of the layers."""
        return self.settings["hidden_dim"]

    def _make(self) -> None:
        settings = self.settings
        if settings["positions"] not in self.known_positions:
            known = ", ".join(self.known_positions)
            raise ValueError(f"positions='{settings['positions']}': choose one of {known}")
        self.hidden_dim = settings["hidden_dim"]
        self._make_embedding()
        self.embedding_projection = None
        if settings["embedding_dim"] != self.hidden_dim or self.always_projects:
            self.embedding_projection = self._dense("embedding_projection")
        self.layers = self._make_layers()
        self.hidden_dim = self._width()
        self.pooler = self._dense("pooler", "tanh") if settings["pooler"] else None

    def _make_embedding(self) -> None:
        settings = self.settings
        length, positions = settings["max_length"], settings["positions"]
        axial = None
        if positions == "axial":
            axial = axial_shape(length, settings["axial_rows"], settings["axial_columns"])
        self.token_embedding = TokenEmbedding(
            settings["vocabulary_size"],
            settings["embedding_dim"],
            settings["init_scale"],
            name="token_embedding",
            dtype=self.dtype_policy,
        )
        self.embedding = TransformerEmbedding(
            self.token_embedding,
            length if positions == "learned" else 0,
            settings["num_segments"],
            norm=settings["norm"] == "post",
            dropout=settings["dropout"],
            norm_epsilon=settings["norm_epsilon"],
            init_scale=settings["init_scale"],
            position_init=settings["position_init"],
            axial=axial,
            position_offset=settings.get("position_offset", 0),
            name="embedding",
            dtype=self.dtype_policy,
        )

    def _dense(self, name: str, activation: str | None = None) -> keras.layers.Dense:
        return keras.layers.Dense(
            self.hidden_dim,
            activation=activation,
            kernel_initializer=initializer(self.settings["init_scale"]),
            name=name,
            dtype=self.dtype_policy,
        )

    def build(self, input_shape=None):
        if not self.embedding.built:  # a generator's is made already: it is the discriminator's
            self.embedding.build()
        if self.embedding_projection is not None:
            self.embedding_projection.build((None, None, self.settings["embedding_dim"]))
        self.layers.build((None, None, self.settings["hidden_dim"]))
        if self.pooler is not None:
            self.pooler.build((None, self.hidden_dim))
        self.built = True

    def _embed(self, token_ids, segment_ids, positions, seed):
        x = self.embedding(token_ids, segment_ids, positions, seed=seed)
        return x if self.embedding_projection is None else self.embedding_projection(x)

    def _outputs(self, x, padding_mask) -> dict:
        pooled = self._summary(x, padding_mask)
        return {"sequence": x, "pooled": pooled if self.pooler is None else self.pooler(pooled)}

    def _summary(self, x, padding_mask):
        """The vector that has seen the whole row: `[batch, dim]`."""
        if not self.causal:
            return x[:, 0]
        last = ops.maximum(ops.sum(ops.cast(padding_mask, "int32"), axis=1) - 1, 0)
        return gather_positions(x, last[:, None])

    def generator(self, size: float) -> "EmbeddedEncoder":
        """A smaller encoder of the same kind that reads through the same embedding.

        For replaced token detection (Clark et al. 2020, section 3.1): token, position and segment
        vectors are this encoder's own.

        Args:
            size: share of the attention heads, and with them of the other sizes, in (0, 1].

        Returns:
            The encoder, with its weights made.
        """
        if not 0 < size <= 1:
            raise ValueError(f"generator_size={size}: choose a share between 0 and 1, such as 0.25")
        heads = max(1, round(self.settings["num_heads"] * size))
        share = heads / self.settings["num_heads"]
        smaller = self._smaller(heads, share)
        twin = type(self)(**self.settings | smaller, dtype=self.dtype_policy)
        twin.name = "generator"
        twin.embedding, twin.token_embedding = self.embedding, self.token_embedding
        twin.build()
        return twin

    def _smaller(self, heads: int, share: float) -> dict:
        """Settings of a generator with so many heads, which are this share of all."""
        return {
            "num_heads": heads,
            "hidden_dim": round(self.settings["hidden_dim"] * share),
            "intermediate_dim": round(self.settings["intermediate_dim"] * share),
            "pooler": False,
        }

    def start_cache(self, batch: int, length: int) -> list[tuple[tf.Tensor, tf.Tensor]]:
        """Empty keys and values for `decode`: one pair a layer, for `length` positions."""
        heads = self.settings["num_heads"]
        size = self.settings["hidden_dim"] // heads
        empty = ops.zeros((batch, heads, length, size), self.compute_dtype)
        return [(empty, empty)] * self.layers.num_layers

"""Base of the encoders that begin with an embedding and end with a pooler."""

import abc
import re

import keras
import tensorflow as tf
from keras import ops

from kortf.layers.attention.axial import axial_shape
from kortf.layers.embeddings import TokenEmbedding, TransformerEmbedding, initializer
from kortf.layers.heads.heads import gather_positions
from kortf.layers.transformer import check_groups
from kortf.models.encoder import Encoder

_LAYER = re.compile(r"layers/layer_(\d+)/")


class EmbeddedEncoder(Encoder, abc.ABC):
    """Embedding, a projection where its size is another, layers and a pooler.

    A subclass makes the layers, and calls `_make` when its settings are known: among them are
    `hidden_dim`, `embedding_dim`, `intermediate_dim`, `num_heads` and all of the embedding.
    """

    # Whether there is a projection behind the embedding even where the sizes are the same.
    always_projects = False
    # Values of `positions`.
    known_positions: tuple[str, ...] = ("learned", "rotary")

    @classmethod
    def tensor_layout(cls, settings: dict) -> dict:
        layout = super().tensor_layout(settings)
        layout["projection"] = (
            cls.always_projects or settings["embedding_dim"] != settings["hidden_dim"]
        )
        if settings["num_groups"] == settings["num_layers"]:
            layout["num_groups"] = None  # each layer has weights of its own
        if settings["positions"] == "rotary":
            del layout["max_length"]
        del layout["pooler"]  # a directory may lack it
        return layout

    @property
    def top_depth(self) -> int:
        return self.settings["num_layers"] + 2

    def depths(self, name: str) -> tuple[int, ...]:
        if match := _LAYER.match(name):
            repeats = self.settings["num_layers"] // self._num_groups()
            first = int(match[1]) * repeats + 1
            return tuple(range(first, first + repeats))
        if name.startswith(("embedding/", "embedding_projection/", "token_embedding/")):
            return (0,)
        if name.startswith("layers/final_norm/"):
            return (self.top_depth - 1,)
        if name.startswith("pooler/"):
            return (self.top_depth,)
        raise KeyError(name)

    def _num_groups(self) -> int:
        groups, layers = self.settings.get("num_groups"), self.settings["num_layers"]
        groups = layers if groups is None else groups
        check_groups(groups, layers)
        return groups

    @abc.abstractmethod
    def _make_layers(self) -> keras.layers.Layer:
        """Return the stack of layers, called as `layers(x, context=…, seeds=…)`.

        It has `num_layers`, and keeps its layers as `layers`. It is built for
        `[batch, seq, hidden_dim]`.
        """

    def _width(self) -> int:
        """Return the size of the vectors that the layers return."""
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

    def _embed(self, batch, segment_ids, positions, seed):
        """Embed the `token_ids` of a batch, with its `token_residual` if it has one."""
        residual = batch.get("token_residual")
        x = self.embedding(batch["token_ids"], segment_ids, positions, seed, residual)
        return x if self.embedding_projection is None else self.embedding_projection(x)

    def _outputs(self, x, padding_mask) -> dict:
        pooled = self._summary(x, padding_mask)
        return {"sequence": x, "pooled": pooled if self.pooler is None else self.pooler(pooled)}

    def _summary(self, x, padding_mask):
        """Return the vector of the position that has seen the whole row: `[batch, dim]`."""
        if not self.causal:
            return x[:, 0]
        last = ops.maximum(ops.sum(ops.cast(padding_mask, "int32"), axis=1) - 1, 0)
        return gather_positions(x, last[:, None])

    def generator(self, size: float) -> "EmbeddedEncoder":
        """Return a smaller encoder of the same kind that shares the embedding.

        For replaced token detection (Clark et al. 2020, section 3.1).

        Args:
            size: Share of the attention heads, and with them of the other sizes, in (0, 1].

        Returns:
            The encoder, with its weights made.
        """
        if not 0 < size <= 1:
            raise ValueError(f"generator_size={size}: choose a share between 0 and 1, such as 0.25")
        heads = max(1, round(self.settings["num_heads"] * size))
        share = heads / self.settings["num_heads"]
        smaller = self._smaller(heads, share)
        twin = type(self)(**self.settings | smaller, dtype=self.dtype_policy)
        twin.name = twin.role = "generator"
        twin.embedding, twin.token_embedding = self.embedding, self.token_embedding
        twin.build()
        return twin

    def _smaller(self, heads: int, share: float) -> dict:
        """Return the settings of a generator that differ from those of this encoder."""
        return {
            "num_heads": heads,
            "hidden_dim": round(self.settings["hidden_dim"] * share),
            "intermediate_dim": round(self.settings["intermediate_dim"] * share),
            "pooler": False,
        }

    def start_cache(self, batch: int, length: int) -> list[tuple[tf.Tensor, tf.Tensor]]:
        """Return empty keys and values for `decode`: one pair a layer, for `length` positions."""
        heads = self.settings["num_heads"]
        size = self.settings["hidden_dim"] // heads
        empty = ops.zeros((batch, heads, length, size), self.compute_dtype)
        return [(empty, empty)] * self.layers.num_layers

"""The transformer that BERT, ALBERT, ELECTRA and GPT are settings of."""

import abc

import keras
import tensorflow as tf
from keras import ops

from kortf.layers import random
from kortf.layers.attention import NEVER, AttentionContext, attention_bias
from kortf.layers.embeddings import (
    TokenEmbedding,
    TransformerEmbedding,
    initializer,
    pack_positions,
)
from kortf.layers.key_value_cache import KeyValueCache
from kortf.layers.rotary import rotation
from kortf.layers.transformer import TransformerStack
from kortf.models.encoder import Encoder

POSITIONS = ("learned", "rotary")


class TransformerEncoder(Encoder, abc.ABC):
    """Embedding, a projection where its size is another, and a row of transformer layers.

    A subclass sets defaults; every option can be set for each of them.

    Args:
        vocabulary_size: number of pieces.
        num_layers: transformer layers.
        num_heads: attention heads a layer.
        hidden_dim: size of the vectors.
        intermediate_dim: of the feed-forward networks; four times `hidden_dim` if None.
        embedding_dim: size of the token vectors, which a projection takes to `hidden_dim`; the same
            if None.
        num_groups: sets of weights that the layers share (Lan et al. 2020); None for weights of its
            own in each layer.
        max_length: number of positions.
        num_segments: number of segment vectors; 0 for none.
        activation: `gelu` (erf), `gelu_tanh` or `relu`.
        feed_forward: `mlp`, or `glu` (Shazeer 2020), whose first product is twice as wide.
        norm: `post` (Vaswani et al. 2017) or `pre` (Xiong et al. 2020).
        positions: `learned`, or `rotary` (Su et al. 2021).
        dropout: rate on embeddings and sub-layer outputs.
        attention_dropout: rate on attention weights; `dropout` if None.
        norm_epsilon: of all normalisations.
        init_scale: standard deviation of the initialiser.
        output_init_scale: the same for the products that write to the residual; `init_scale` if
            None.
        position_init: of learned positions, `normal` as published or `sinusoidal`.
        pooler: whether there is a dense tanh layer over the first position (the last, if causal);
            without it `pooled` is that position's vector.
        remat: whether training computes the inside of the layers a second time on the way back, to
            save memory.
        dtype: Keras dtype or policy, such as `mixed_bfloat16`.
    """

    # Whether there is a projection behind the embedding even where the sizes are the same.
    always_projects = False

    def __init__(
        self,
        vocabulary_size: int,
        num_layers: int = 12,
        num_heads: int = 12,
        hidden_dim: int = 768,
        intermediate_dim: int | None = None,
        embedding_dim: int | None = None,
        num_groups: int | None = None,
        max_length: int = 512,
        num_segments: int = 2,
        activation: str = "gelu",
        feed_forward: str = "mlp",
        norm: str = "post",
        positions: str = "learned",
        dropout: float = 0.1,
        attention_dropout: float | None = None,
        norm_epsilon: float = 1e-12,
        init_scale: float = 0.02,
        output_init_scale: float | None = None,
        position_init: str = "normal",
        pooler: bool = True,
        remat: bool = False,
        dtype=None,
    ):
        if positions not in POSITIONS:
            raise ValueError(f"positions='{positions}': choose one of {', '.join(POSITIONS)}")
        intermediate_dim = intermediate_dim or 4 * hidden_dim
        embedding_dim = embedding_dim or hidden_dim
        attention_dropout = dropout if attention_dropout is None else attention_dropout
        super().__init__(TransformerEncoder.arguments(locals()), dtype)
        self.hidden_dim = hidden_dim
        self._make_embedding()
        self.embedding_projection = None
        if embedding_dim != hidden_dim or self.always_projects:
            self.embedding_projection = self._dense("embedding_projection")
        self._make_layers()
        self.pooler = self._dense("pooler", "tanh") if pooler else None

    def _make_embedding(self) -> None:
        settings = self.settings
        self.token_embedding = TokenEmbedding(
            settings["vocabulary_size"],
            settings["embedding_dim"],
            settings["init_scale"],
            name="token_embedding",
            dtype=self.dtype_policy,
        )
        self.embedding = TransformerEmbedding(
            self.token_embedding,
            settings["max_length"] if settings["positions"] == "learned" else 0,
            settings["num_segments"],
            norm=settings["norm"] == "post",
            dropout=settings["dropout"],
            norm_epsilon=settings["norm_epsilon"],
            init_scale=settings["init_scale"],
            position_init=settings["position_init"],
            name="embedding",
            dtype=self.dtype_policy,
        )

    def _make_layers(self) -> None:
        names = (
            "num_layers", "num_groups", "norm", "norm_epsilon", "remat", "num_heads",
            "intermediate_dim", "activation", "feed_forward", "dropout", "attention_dropout",
            "init_scale", "output_init_scale",
        )  # fmt: skip
        settings = {name: self.settings[name] for name in names}
        self.layers = TransformerStack(dtype=self.dtype_policy, **settings)

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
        self.layers.build((None, None, self.hidden_dim))
        if self.pooler is not None:
            self.pooler.build((None, self.hidden_dim))
        self.built = True

    def call(self, batch: dict[str, tf.Tensor], seed: tf.Tensor | None = None) -> dict:
        pack_ids = batch.get("pack_ids")
        positions = None if pack_ids is None else pack_positions(pack_ids)
        bias = attention_bias(batch["padding_mask"], pack_ids, self.causal)
        x = self._encode(batch["token_ids"], batch.get("segment_ids"), positions, bias, None, seed)
        pooled = self._summary(x, batch["padding_mask"])
        return {"sequence": x, "pooled": pooled if self.pooler is None else self.pooler(pooled)}

    def _summary(self, x, padding_mask):
        """The vector that has seen the whole row: `[batch, dim]`."""
        if not self.causal:
            return x[:, 0]
        last = ops.maximum(ops.sum(ops.cast(padding_mask, "int32"), axis=1) - 1, 0)
        return ops.take_along_axis(x, last[:, None, None], axis=1)[:, 0]

    def _encode(self, token_ids, segment_ids, positions, bias, cache, seed):
        seeds = random.split(seed, 1 + 3 * self.layers.num_layers)
        turns = None
        if self.settings["positions"] == "rotary":
            index = ops.arange(ops.shape(token_ids)[1])[None] if positions is None else positions
            turns = rotation(index, self.hidden_dim // self.settings["num_heads"])
        x = self.embedding(token_ids, segment_ids, positions, seed=seeds[0])
        if self.embedding_projection is not None:
            x = self.embedding_projection(x)
        context = AttentionContext(bias, turns, cache)
        return self.layers(x, context=context, seeds=seeds[1:])

    def generator(self, size: float) -> "TransformerEncoder":
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
        smaller = {
            "num_heads": heads,
            "hidden_dim": round(self.hidden_dim * share),
            "intermediate_dim": round(self.settings["intermediate_dim"] * share),
            "pooler": False,
        }
        twin = type(self)(**self.settings | smaller, dtype=self.dtype_policy)
        twin.name = "generator"
        twin.embedding, twin.token_embedding = self.embedding, self.token_embedding
        twin.build()
        return twin

    def start_cache(self, batch: int, length: int) -> list[tuple[tf.Tensor, tf.Tensor]]:
        """Empty keys and values for `decode`: one pair a layer, for `length` positions."""
        heads = self.settings["num_heads"]
        empty = ops.zeros((batch, heads, length, self.hidden_dim // heads), self.compute_dtype)
        return [(empty, empty)] * self.layers.num_layers

    def decode(
        self, token_ids: tf.Tensor, pairs: list[tuple[tf.Tensor, tf.Tensor]], start: tf.Tensor
    ) -> tuple[tf.Tensor, list[tuple[tf.Tensor, tf.Tensor]]]:
        """Reads the next tokens of a text whose keys and values are kept.

        Args:
            token_ids: int32 `[batch, new]`.
            pairs: keys and values of what was read before, as `start_cache` or the last call made
                them.
            start: int32 scalar, position of the first new token.

        Returns:
            `(sequence [batch, new, dim], pairs)`.
        """
        cache = KeyValueCache(pairs, start)
        positions = start + ops.arange(ops.shape(token_ids)[1], dtype="int32")
        length = pairs[0][0].shape[2]
        seen = ops.arange(length, dtype="int32")[None] <= positions[:, None]
        bias = ops.where(seen, 0.0, NEVER)[None, None]
        x = self._encode(token_ids, None, positions[None], bias, cache, None)
        return x, cache.pairs

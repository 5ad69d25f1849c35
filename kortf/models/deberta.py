"""DeBERTa (He et al. 2021): content and relative position attend apart, as in DeBERTa-v2 and v3."""

import functools

import keras
import tensorflow as tf

from kortf.layers import kernels, random
from kortf.layers.attention.attention import attention_bias
from kortf.layers.attention.disentangled import DisentangledSelfAttention, log_buckets
from kortf.layers.embeddings import (
    TokenEmbedding,
    TransformerEmbedding,
    initializer,
    pack_positions,
)
from kortf.layers.norm import LayerNorm
from kortf.layers.taps import collecting, offer
from kortf.layers.transformer import FeedForward, run_layer
from kortf.models.embedded import EmbeddedEncoder
from kortf.ranges import Count, Fraction, Natural, Positive

DECODER_STEPS = 2  # of the enhanced mask decoder


class DebertaLayer(keras.layers.Layer):
    """A post-norm transformer layer with disentangled attention.

    Args:
        settings: Settings of the encoder.
    """

    def __init__(self, settings: dict, **kwargs):
        super().__init__(**kwargs)
        scale, epsilon, dtype = settings["init_scale"], settings["norm_epsilon"], self.dtype_policy
        self.dropout = settings["dropout"]
        self.attention = DisentangledSelfAttention(
            settings["num_heads"],
            settings["shared_key"],
            settings["attention_dropout"],
            scale,
            name="attention",
            dtype=dtype,
        )
        self.attention_norm = LayerNorm(epsilon, name="attention_norm", dtype=dtype)
        self.feed_forward = FeedForward(
            settings["intermediate_dim"],
            settings["activation"],
            init_scale=scale,
            name="feed_forward",
            dtype=dtype,
        )
        self.output_norm = LayerNorm(epsilon, name="output_norm", dtype=dtype)

    def build(self, input_shape):
        for part in (self.attention, self.attention_norm, self.feed_forward, self.output_norm):
            part.build(input_shape)
        self.built = True

    def call(self, x, vectors, queries=None, bias=None, seeds=(None,) * 4):
        """Return `[batch, seq, dim]` for `x` `[batch, seq, dim]`.

        Args:
            x: Output of the layer before.
            vectors: Position vectors of all distances, `[2 * seq - 1, dim]`.
            queries: States `[batch, seq, dim]` that attend to `x` and that the layer changes; `x`
                if None.
            bias: Bias of the attention.
            seeds: Four seeds int32 `[2]`, or four None.
        """
        vectors = kernels.dropout(vectors, self.dropout, seeds[0])
        attended = self.attention(x, bias=bias, vectors=vectors, seed=seeds[1], queries=queries)
        x = x if queries is None else queries
        _, x = self.attention_norm.add(attended, x, self.dropout, seeds[2])
        _, x = self.output_norm.add(self.feed_forward(x), x, self.dropout, seeds[3])
        return x


class DebertaStack(keras.layers.Layer):
    """The layers, and the position vectors that they share.

    Args:
        settings: Settings of the encoder.
        dtype: Keras dtype policy.
    """

    def __init__(self, settings: dict, dtype=None):
        super().__init__(name="layers", dtype=dtype)
        self.num_layers = settings["num_layers"]
        self.remat = settings["remat"]
        self.init_scale = settings["init_scale"]
        self.max_length = settings["max_length"]
        self.span = settings["position_buckets"] or settings["max_distance"]
        self.buckets = log_buckets(
            self.max_length, settings["position_buckets"], settings["max_distance"]
        )
        self.position_norm = None
        if settings["position_norm"]:
            self.position_norm = LayerNorm(
                settings["norm_epsilon"], name="position_norm", dtype=dtype
            )
        self.layers = [
            DebertaLayer(settings, name=f"layer_{i}", dtype=dtype) for i in range(self.num_layers)
        ]

    def build(self, input_shape):
        dim = input_shape[-1]
        self.positions = self.add_weight(
            name="positions",
            shape=(2 * self.span, dim),
            initializer=initializer(self.init_scale),
            autocast=False,
        )
        for part in (self.position_norm, *self.layers):
            if part is not None:
                part.build(input_shape)
        self.built = True

    def call(self, x, bias, seeds, query_positions=None):
        """Run `x` `[batch, seq, dim]` through all layers.

        Args:
            x: Embeddings.
            bias: Bias of the attention.
            seeds: Four for each layer, and four for each step of the decoder.
            query_positions: `[batch or 1, seq, dim]` for the decoder; None for none.

        Returns:
            The output of the last layer, and that of the decoder or None.
        """
        length = x.shape[1] or tf.shape(x)[1]
        index = self.buckets + self.span  # [2 * max_length - 1]
        index = tf.constant(index.clip(0, 2 * self.span - 1))
        index = index[self.max_length - length : self.max_length + length - 1]
        vectors = tf.gather(self.positions.value, index)  # [2 * seq - 1, dim]
        vectors = tf.cast(vectors, self.compute_dtype)
        if self.position_norm is not None:
            vectors = self.position_norm(vectors)
        for i, layer in enumerate(self.layers):
            before = x
            seeds_of_layer = seeds[4 * i : 4 * i + 4]
            x = run_layer(layer, self.remat, (x, vectors), bias=bias, seeds=seeds_of_layer)
            offer("layer", functools.partial(tf.identity, x))
        if query_positions is None:
            return x, None
        queries = before + tf.cast(query_positions, x.dtype)
        return x, self._decode(before, vectors, queries, bias, seeds[4 * self.num_layers :])

    def _decode(self, x, vectors, queries, bias, seeds):
        """Let the last layer run over its own input, twice (He et al. 2021, section 3.2).

        Its keys and values stay those of `x`; its queries are `queries`, then its own output.
        """
        with collecting():  # these steps are no layers of the encoder
            for step in range(DECODER_STEPS):
                seeds_of_step = seeds[4 * step : 4 * step + 4]
                inputs = (x, vectors, queries)
                queries = run_layer(
                    self.layers[-1], self.remat, inputs, bias=bias, seeds=seeds_of_step
                )
        return queries


class Deberta(EmbeddedEncoder):
    """DeBERTa-v2's encoder; the defaults are DeBERTa-v3-base.

    Args:
        vocabulary_size: Number of pieces.
        num_layers: Number of layers.
        num_heads: Attention heads a layer.
        hidden_dim: Size of the vectors.
        intermediate_dim: Size between the products of the feed-forward networks; four times
            `hidden_dim` if None.
        max_length: Number of positions.
        num_segments: Number of segment vectors; 0 for none.
        absolute_positions: Whether learned positions are added to the embeddings as well.
        position_buckets: Buckets of distances on each side; 0 for a vector a distance.
        max_distance: Distance that the last bucket ends with; `max_length` if None.
        position_norm: Whether the position vectors are normalized.
        shared_key: Whether positions use the query and key products of the content.
        activation: `gelu` (erf), `gelu_tanh` or `relu`.
        dropout: Dropout rate on embeddings, position vectors and sub-layer outputs.
        attention_dropout: Dropout rate on attention weights; `dropout` if None.
        norm_epsilon: Epsilon of all normalizations.
        init_scale: Standard deviation of the initializer.
        remat: Whether the backward pass computes the inside of each layer again, to save memory.
        dtype: Keras dtype or policy, such as `mixed_bfloat16`.
    """

    shapes = (
        "vocabulary_size", "num_layers", "hidden_dim", "intermediate_dim", "max_length",
        "num_segments", "absolute_positions", "position_buckets", "max_distance", "position_norm",
        "shared_key",
    )  # fmt: skip
    meaning = ("num_heads", "activation")
    free = ("dropout", "attention_dropout", "norm_epsilon", "init_scale", "remat")
    families = ("deberta_v2",)
    decodes = True

    def __init__(
        self,
        vocabulary_size: Count,
        num_layers: Count = 12,
        num_heads: Count = 12,
        hidden_dim: Count = 768,
        intermediate_dim: Count | None = None,
        max_length: Count = 512,
        num_segments: Natural = 0,
        absolute_positions: bool = False,
        position_buckets: Natural = 256,
        max_distance: Count | None = None,
        position_norm: bool = True,
        shared_key: bool = True,
        activation: str = "gelu",
        dropout: Fraction = 0.1,
        attention_dropout: Fraction | None = None,
        norm_epsilon: Positive = 1e-7,
        init_scale: Positive = 0.02,
        remat: bool = False,
        dtype=None,
    ):
        intermediate_dim = intermediate_dim or 4 * hidden_dim
        max_distance = max_distance or max_length
        attention_dropout = dropout if attention_dropout is None else attention_dropout
        if position_buckets and max_length - 1 > position_buckets // 2 >= max_distance - 1:
            problem = f"position_buckets={position_buckets}: must be 0 or less than"
            raise ValueError(f"{problem} {2 * max_distance - 2}, twice max_distance - 1")
        super().__init__(Deberta.arguments(locals()), dtype)
        self._make()

    @classmethod
    def tensor_layout(cls, settings: dict) -> dict:
        layout = {name: settings[name] for name in cls.shapes}
        if not settings["absolute_positions"]:
            del layout["max_length"]
        return layout

    def depths(self, name: str) -> tuple[int, ...]:
        if name.startswith(("layers/positions", "layers/position_norm/")):
            return (0,)
        return super().depths(name)

    def _smaller(self, heads: int, share: float) -> dict:
        """Return fewer layers of the same width (He et al. 2023, DeBERTa-v3, section 3.1)."""
        return {"num_layers": max(1, round(self.settings["num_layers"] * share))}

    def _make(self) -> None:
        settings, dtype = self.settings, self.dtype_policy
        self.hidden_dim = settings["hidden_dim"]
        scale = settings["init_scale"]
        self.token_embedding = TokenEmbedding(
            settings["vocabulary_size"], self.hidden_dim, scale, name="token_embedding", dtype=dtype
        )
        self.embedding = TransformerEmbedding(
            self.token_embedding,
            settings["max_length"] if settings["absolute_positions"] else 0,
            settings["num_segments"],
            dropout=settings["dropout"],
            norm_epsilon=settings["norm_epsilon"],
            init_scale=scale,
            name="embedding",
            dtype=dtype,
        )
        self.embedding_projection = None
        self.layers = self._make_layers()
        self.pooler = None

    def _make_layers(self) -> DebertaStack:
        return DebertaStack(self.settings, dtype=self.dtype_policy)

    def call(
        self,
        batch: dict[str, tf.Tensor],
        seed: tf.Tensor | None = None,
        visibility: str | None = None,
    ) -> dict:
        del visibility  # it has one
        query_positions = batch.get("query_positions")
        steps = 0 if query_positions is None else DECODER_STEPS
        seeds = random.split(seed, 1 + 4 * (self.layers.num_layers + steps))
        pack_ids = batch.get("pack_ids")
        positions = None if pack_ids is None else pack_positions(pack_ids)
        bias = attention_bias(batch["padding_mask"], pack_ids)
        x = self._embed(batch, batch.get("segment_ids"), positions, seeds[0])
        x, decoded = self.layers(x, bias=bias, seeds=seeds[1:], query_positions=query_positions)
        outputs = self._outputs(x, batch["padding_mask"])
        return outputs if decoded is None else outputs | {"decoded": decoded}

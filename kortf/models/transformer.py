"""Base of BERT, ALBERT, ELECTRA, RoBERTa and GPT."""

import abc

import keras
import tensorflow as tf
from keras import ops

from kortf.layers import random
from kortf.layers.attention.attention import (
    NEVER,
    AttentionContext,
    SelfAttention,
    attention_bias,
)
from kortf.layers.attention.key_value_cache import KeyValueCache
from kortf.layers.attention.rotary import rotation
from kortf.layers.embeddings import pack_positions
from kortf.layers.transformer import (
    FeedForward,
    TransformerLayer,
    TransformerStack,
    check_norm,
)
from kortf.models.embedded import EmbeddedEncoder
from kortf.models.encoder import BIDIRECTIONAL, PREFIX
from kortf.ranges import Count, Fraction, Natural, Positive


class TransformerEncoder(EmbeddedEncoder, abc.ABC):
    """Embedding, a projection where its size is another, and transformer layers.

    A subclass sets defaults, or makes other parts: `_attention`, `_feed_forward`, `_context`.

    Args:
        vocabulary_size: Number of pieces.
        num_layers: Transformer layers.
        num_heads: Attention heads a layer.
        hidden_dim: Size of the vectors.
        intermediate_dim: Width of the feed-forward networks; four times `hidden_dim` if None.
        embedding_dim: Size of the token vectors, which a projection takes to `hidden_dim`; the same
            if None.
        num_groups: Sets of weights that the layers share (Lan et al. 2020); None for weights of its
            own in each layer.
        max_length: Number of positions.
        position_offset: Number of the first of the learned positions: RoBERTa has rows before it.
        num_segments: Number of segment vectors; 0 for none.
        activation: `gelu` (erf), `gelu_tanh` or `relu`.
        feed_forward: `mlp`, or `glu` (Shazeer 2020), whose first product is twice as wide.
        norm: `post` (Vaswani et al. 2017) or `pre` (Xiong et al. 2020).
        positions: `learned`, or `rotary` (Su et al. 2021).
        dropout: Rate on embeddings and sub-layer outputs.
        attention_dropout: Rate on attention weights; `dropout` if None.
        norm_epsilon: Epsilon of all normalisations.
        init_scale: Standard deviation of the initialiser.
        output_init_scale: The same for the products that write to the residual; `init_scale` if
            None.
        position_init: Initialiser of learned positions, `normal` as published or `sinusoidal`.
        pooler: Whether there is a dense tanh layer over the first position (the last, if causal);
            without it `pooled` is that position's vector.
        remat: Whether training computes the inside of the layers a second time on the way back, to
            save memory.
        dtype: Keras dtype or policy, such as `mixed_bfloat16`.
    """

    # In the order in which --init_from reports a difference.
    shapes = (
        "norm", "positions", "num_groups", "num_segments", "vocabulary_size", "num_layers",
        "hidden_dim", "intermediate_dim", "embedding_dim", "max_length", "feed_forward",
        "pooler", "position_offset",
    )  # fmt: skip
    meaning = ("num_heads", "activation")
    # Another epsilon changes the output by about itself.
    free = (
        "dropout", "attention_dropout", "norm_epsilon", "init_scale", "output_init_scale",
        "position_init", "remat",
    )  # fmt: skip
    visibilities = (BIDIRECTIONAL, PREFIX)
    families = ("albert", "bert", "electra", "gpt2", "megatron_bert", "roberta")

    def __init__(
        self,
        vocabulary_size: Count,
        num_layers: Count = 12,
        num_heads: Count = 12,
        hidden_dim: Count = 768,
        intermediate_dim: Count | None = None,
        embedding_dim: Count | None = None,
        num_groups: Count | None = None,
        max_length: Count = 512,
        position_offset: Natural = 0,
        num_segments: Natural = 2,
        activation: str = "gelu",
        feed_forward: str = "mlp",
        norm: str = "post",
        positions: str = "learned",
        dropout: Fraction = 0.1,
        attention_dropout: Fraction | None = None,
        norm_epsilon: Positive = 1e-12,
        init_scale: Positive = 0.02,
        output_init_scale: Positive | None = None,
        position_init: str = "normal",
        pooler: bool = True,
        remat: bool = False,
        dtype=None,
    ):
        intermediate_dim = intermediate_dim or 4 * hidden_dim
        embedding_dim = embedding_dim or hidden_dim
        attention_dropout = dropout if attention_dropout is None else attention_dropout
        super().__init__(TransformerEncoder.arguments(locals()), dtype)
        self._make()

    def _make_layers(self) -> TransformerStack:
        settings, policy = self.settings, self.dtype_policy
        check_norm(settings["norm"])
        layers = [
            TransformerLayer(
                self._attention(i),
                self._feed_forward(i),
                settings["dropout"],
                settings["norm_epsilon"],
                name=f"layer_{i}",
                dtype=policy,
            )
            for i in range(self._num_groups())
        ]
        names = ("num_layers", "norm", "norm_epsilon", "remat")
        return TransformerStack(layers, dtype=policy, **{name: settings[name] for name in names})

    def _attention(self, index: int) -> keras.layers.Layer:
        """Return the attention of layer `index`, named `attention`."""
        settings = self.settings
        return SelfAttention(
            settings["num_heads"],
            settings["attention_dropout"],
            settings["init_scale"],
            settings["output_init_scale"],
            name="attention",
            dtype=self.dtype_policy,
        )

    def _feed_forward(self, index: int) -> keras.layers.Layer:
        """Return the feed-forward network of layer `index`, named `feed_forward`."""
        settings = self.settings
        return FeedForward(
            settings["intermediate_dim"],
            settings["activation"],
            settings["feed_forward"],
            settings["init_scale"],
            settings["output_init_scale"],
            name="feed_forward",
            dtype=self.dtype_policy,
        )

    def call(
        self,
        batch: dict[str, tf.Tensor],
        seed: tf.Tensor | None = None,
        visibility: str | None = None,
    ) -> dict:
        pack_ids = batch.get("pack_ids")
        positions = None if pack_ids is None else pack_positions(pack_ids)
        visibility = visibility or self.visibilities[0]
        prefix = batch["prefix_mask"] if visibility == PREFIX else None
        causal = visibility != BIDIRECTIONAL
        bias = attention_bias(batch["padding_mask"], pack_ids, causal, prefix)
        x = self._encode(batch, batch.get("segment_ids"), positions, bias, None, seed)
        return self._outputs(x, batch["padding_mask"])

    def _encode(self, batch, segment_ids, positions, bias, cache, seed):
        seeds = random.split(seed, 1 + 3 * self.layers.num_layers)
        turns = None
        if self.settings["positions"] == "rotary":
            index = positions
            if positions is None:
                index = ops.arange(ops.shape(batch["token_ids"])[1])[None]
            turns = rotation(index, self.hidden_dim // self.settings["num_heads"])
        x = self._embed(batch, segment_ids, positions, seeds[0])
        context = AttentionContext(bias, turns, cache)
        return self.layers(x, context=context, seeds=seeds[1:])

    def decode(
        self, token_ids: tf.Tensor, pairs: list[tuple[tf.Tensor, tf.Tensor]], start: tf.Tensor
    ) -> tuple[tf.Tensor, list[tuple[tf.Tensor, tf.Tensor]]]:
        """Read the next tokens of a text whose keys and values are kept.

        Args:
            token_ids: int32 `[batch, new]`.
            pairs: Keys and values of what was read before, as `start_cache` or the last call made
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
        x = self._encode({"token_ids": token_ids}, None, positions[None], bias, cache, None)
        return x, cache.pairs

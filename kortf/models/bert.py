"""BERT (Devlin et al. 2019): a bidirectional transformer encoder."""

import keras
import tensorflow as tf
from keras import ops

from kortf.layers import random
from kortf.layers.attention import attention_bias
from kortf.layers.embeddings import TokenEmbedding, TransformerEmbedding, initializer
from kortf.layers.transformer import TransformerStack
from kortf.models.encoder import Encoder


class Bert(Encoder):
    """BERT's encoder; the defaults are BERT-base.

    Args:
        vocabulary_size: number of pieces.
        num_layers: transformer layers.
        num_heads: attention heads a layer.
        hidden_dim: size of the vectors.
        intermediate_dim: of the feed-forward networks; four times `hidden_dim` if None.
        max_length: number of learned positions.
        num_segments: number of segment vectors.
        activation: `gelu` (erf), `gelu_tanh` or `relu`.
        norm: `post` as published, or `pre`.
        dropout: rate on embeddings and sub-layer outputs.
        attention_dropout: rate on attention weights; `dropout` if None.
        norm_epsilon: of all normalisations.
        init_scale: standard deviation of the initialiser.
        output_init_scale: the same for the products that write to the residual; `init_scale` if
            None.
        position_init: `normal` as published, or `sinusoidal`.
        pooler: whether there is a dense tanh layer over the first position; without it `pooled` is
            that position's vector.
        dtype: Keras dtype or policy, such as `mixed_bfloat16`.
    """

    def __init__(
        self,
        vocabulary_size: int,
        num_layers: int = 12,
        num_heads: int = 12,
        hidden_dim: int = 768,
        intermediate_dim: int | None = None,
        max_length: int = 512,
        num_segments: int = 2,
        activation: str = "gelu",
        norm: str = "post",
        dropout: float = 0.1,
        attention_dropout: float | None = None,
        norm_epsilon: float = 1e-12,
        init_scale: float = 0.02,
        output_init_scale: float | None = None,
        position_init: str = "normal",
        pooler: bool = True,
        dtype=None,
    ):
        intermediate_dim = intermediate_dim or 4 * hidden_dim
        attention_dropout = dropout if attention_dropout is None else attention_dropout
        super().__init__(self.arguments(locals()), dtype)
        policy = self.dtype_policy
        self.hidden_dim = hidden_dim
        self.token_embedding = TokenEmbedding(
            vocabulary_size, hidden_dim, init_scale, name="token_embedding", dtype=policy
        )
        self.embedding = TransformerEmbedding(
            self.token_embedding,
            max_length,
            num_segments,
            norm=norm == "post",
            dropout=dropout,
            norm_epsilon=norm_epsilon,
            init_scale=init_scale,
            position_init=position_init,
            name="embedding",
            dtype=policy,
        )
        self.layers = TransformerStack(
            num_layers,
            norm,
            norm_epsilon,
            dtype=policy,
            num_heads=num_heads,
            intermediate_dim=intermediate_dim,
            activation=activation,
            dropout=dropout,
            attention_dropout=attention_dropout,
            init_scale=init_scale,
            output_init_scale=output_init_scale,
        )
        self.pooler = None
        if pooler:
            self.pooler = keras.layers.Dense(
                hidden_dim,
                activation="tanh",
                kernel_initializer=initializer(init_scale),
                name="pooler",
                dtype=policy,
            )

    def build(self, input_shape=None):
        shape = (None, None, self.hidden_dim)
        self.embedding.build()
        self.layers.build(shape)
        if self.pooler is not None:
            self.pooler.build((None, self.hidden_dim))
        self.built = True

    def call(self, batch: dict[str, tf.Tensor], seed: tf.Tensor | None = None) -> dict:
        token_ids = batch["token_ids"]
        segment_ids = batch.get("segment_ids")
        pack_ids = batch.get("pack_ids")
        if segment_ids is None:
            segment_ids = ops.zeros_like(token_ids)
        seeds = random.split(seed, 1 + 3 * len(self.layers.layers))
        bias = attention_bias(batch["padding_mask"], pack_ids, self.causal)
        x = self.embedding(token_ids, segment_ids, pack_ids, seed=seeds[0])
        x = self.layers(x, bias, seeds[1:])
        first = x[:, 0]
        return {"sequence": x, "pooled": first if self.pooler is None else self.pooler(first)}

"""ModernBERT's layers (Warner et al. 2024): local and global attention, gated units, no biases."""

import dataclasses
import functools

import keras
import tensorflow as tf
from keras import ops

from kortf.layers import kernels
from kortf.layers.attention.banded import banded_attention
from kortf.layers.attention.chunked import chunked_attention
from kortf.layers.attention.rotary import Rotation, rotate
from kortf.layers.embeddings import initializer
from kortf.layers.norm import LayerNorm
from kortf.layers.taps import offer
from kortf.layers.transformer import ACTIVATIONS, run_layer

# Activations whose gated form is one kernel, and whether tanh approximates erf.
GEGLU = {"gelu": False, "gelu_tanh": True}
CHUNK = 256  # queries at a time where the whole row is attended to in chunks


@dataclasses.dataclass(frozen=True)
class ModernBertContext:
    """Inputs that the attentions of all layers share, by kind of layer: `True` is local.

    An object of its own, not a dictionary: Keras would cast the tensors in one to the dtype that a
    layer computes in, and positions need the digits of float32.

    Attributes:
        rotations: Rotation of queries and keys.
        biases: Bias of the scores; None where the whole row is attended to in chunks.
        pack_ids: int32 `[batch, seq]`, 0 for padding.
        causal: Whether a position sees only itself and those before it.
    """

    rotations: dict[bool, Rotation]
    biases: dict[bool, tf.Tensor | None]
    pack_ids: tf.Tensor
    causal: bool = False


class ModernBertAttention(keras.layers.Layer):
    """Multi-head self-attention without biases, over the whole row or a band of it.

    Args:
        num_heads: Number of heads; must divide the hidden size.
        local: Whether a query sees only the keys within half a window.
        dropout: Dropout rate on the attention weights.
        init_scale: Standard deviation of the initializer.
        output_init_scale: Standard deviation for the output projection.
    """

    def __init__(self, num_heads, local, dropout, init_scale, output_init_scale, **kwargs):
        super().__init__(**kwargs)
        self.num_heads = num_heads
        self.local = local
        self.dropout = dropout
        self.scales = {"output": output_init_scale}
        self.init_scale = init_scale

    def build(self, input_shape):
        dim = input_shape[-1]
        if dim % self.num_heads:
            raise ValueError(f"num_heads={self.num_heads} does not divide hidden_dim={dim}")
        self.head_dim = dim // self.num_heads
        for part in ("query", "key", "value", "output"):
            init = initializer(self.scales.get(part, self.init_scale))
            kernel = self.add_weight(name=f"{part}_kernel", shape=(dim, dim), initializer=init)
            setattr(self, f"{part}_kernel", kernel)
        self.built = True

    def call(self, x, context: ModernBertContext, seed=None):
        """Return `[batch, seq, dim]` for `x` `[batch, seq, dim]`.

        Args:
            x: Normalized vectors.
            context: Rotations and biases of the batch.
            seed: int32 `[2]` of dropout; None for inference.
        """
        batch, length = ops.shape(x)[0], ops.shape(x)[1]
        kernel = ops.concatenate(
            [self.query_kernel * self.head_dim**-0.5, self.key_kernel, self.value_kernel], axis=1
        )
        x = kernels.dense(x, kernel)  # [batch, seq, 3 * dim]
        x = ops.reshape(x, (batch, length, 3, self.num_heads, self.head_dim))
        # Each of the three [batch, heads, seq, head_dim].
        query, key, value = ops.unstack(ops.transpose(x, (2, 0, 3, 1, 4)), 3)
        turns = context.rotations[self.local]
        query, key = rotate(query, turns), rotate(key, turns)
        found = self._attend(query, key, value, context, seed)
        found = ops.transpose(found, (0, 2, 1, 3))  # [batch, seq, heads, head_dim]
        found = ops.reshape(found, (batch, length, self.num_heads * self.head_dim))
        return kernels.dense(found, self.output_kernel.value)

    def _attend(self, query, key, value, context, seed):
        bias = context.biases[self.local]
        if self.local and bias.shape.rank == 5:
            return banded_attention(query, key, value, bias, self.dropout, seed)
        if bias is None:
            options = {"rate": self.dropout, "seed": seed, "causal": context.causal}
            return chunked_attention(query, key, value, context.pack_ids, CHUNK, **options)
        scores = tf.matmul(query, key, transpose_b=True)  # [batch, heads, seq, seq]
        return tf.matmul(kernels.attention_weights(scores, bias, self.dropout, seed), value)


class GatedFeedForward(keras.layers.Layer):
    """GeGLU (Shazeer 2020) without biases: `(act(x W) * (x V)) U`.

    Args:
        intermediate_dim: Size between the two products.
        activation: A name in `ACTIVATIONS`.
        dropout: Dropout rate before the second product.
        init_scale: Standard deviation of the initializer.
        output_init_scale: Standard deviation for the second product.
    """

    def __init__(
        self, intermediate_dim, activation, dropout, init_scale, output_init_scale, **kwargs
    ):
        super().__init__(**kwargs)
        self.intermediate_dim = intermediate_dim
        self.activation = activation
        self.dropout = dropout
        self.init_scale = init_scale
        self.output_init_scale = output_init_scale

    def build(self, input_shape):
        dim = input_shape[-1]
        self.intermediate_kernel = self.add_weight(
            name="intermediate_kernel",
            shape=(dim, 2 * self.intermediate_dim),
            initializer=initializer(self.init_scale),
        )
        self.output_kernel = self.add_weight(
            name="output_kernel",
            shape=(self.intermediate_dim, dim),
            initializer=initializer(self.output_init_scale),
        )
        self.built = True

    def call(self, x, seed=None):
        """Transform `x` `[batch, seq, dim]` position by position."""
        x = kernels.dense(x, self.intermediate_kernel.value)  # [batch, seq, 2 * intermediate]
        if self.activation in GEGLU:
            x = kernels.geglu(x, approximate=GEGLU[self.activation])
        else:
            x, gate = ops.split(x, 2, axis=-1)
            x = ACTIVATIONS[self.activation](x) * gate
        x = kernels.dropout(x, self.dropout, seed)
        return kernels.dense(x, self.output_kernel.value)


class ModernBertLayer(keras.layers.Layer):
    """One pre-norm layer: attention and gated feed-forward network.

    Args:
        attention: Layer for the attention.
        feed_forward: Layer for the feed-forward network.
        norm_epsilon: Epsilon of the normalizations.
        first: Whether it is the first layer, whose input is normalized already.
    """

    def __init__(self, attention, feed_forward, norm_epsilon, first, **kwargs):
        super().__init__(**kwargs)
        make = {"epsilon": norm_epsilon, "bias": False, "dtype": self.dtype_policy}
        self.attention = attention
        self.attention_norm = None if first else LayerNorm(name="attention_norm", **make)
        self.output_norm = LayerNorm(name="output_norm", **make)
        self.feed_forward = feed_forward

    def build(self, input_shape):
        for part in (self.attention, self.attention_norm, self.output_norm, self.feed_forward):
            if part is not None:
                part.build(input_shape)
        self.built = True

    def call(self, h, x, context, seeds, next_norm):
        """Return the residual stream after this layer, and its normalization.

        Args:
            h: Residual stream `[batch, seq, dim]`.
            x: Normalized residual stream `[batch, seq, dim]`.
            context: Context of the attention.
            seeds: Three seeds int32 `[2]`, or three None.
            next_norm: Normalization before the next layer.
        """
        attended = self.attention(x, context=context, seed=seeds[0])
        h, x = self.output_norm.add(attended, h, self.attention.dropout, seeds[1])
        return next_norm.add(self.feed_forward(x, seed=seeds[2]), h)


class ModernBertStack(keras.layers.Layer):
    """Embedding normalization, layers and final normalization.

    Args:
        settings: Settings of the encoder.
        dtype: Keras dtype policy.
    """

    def __init__(self, settings: dict, dtype=None):
        super().__init__(name="layers", dtype=dtype)
        self.num_layers = settings["num_layers"]
        self.dropout = settings["embedding_dropout"]
        self.remat = settings["remat"]
        scale = settings["init_scale"]
        out = settings["output_init_scale"] or scale / (2 * self.num_layers) ** 0.5
        epsilon = settings["norm_epsilon"]
        self.embedding_norm = LayerNorm(epsilon, False, name="embedding_norm", dtype=dtype)
        self.final_norm = LayerNorm(epsilon, False, name="final_norm", dtype=dtype)
        self.layers = []
        for i in range(self.num_layers):
            attention = ModernBertAttention(
                settings["num_heads"],
                i % settings["global_every"] != 0,
                settings["attention_dropout"],
                scale,
                out,
                name="attention",
                dtype=dtype,
            )
            feed_forward = GatedFeedForward(
                settings["intermediate_dim"],
                settings["activation"],
                settings["dropout"],
                scale,
                out,
                name="feed_forward",
                dtype=dtype,
            )
            self.layers.append(
                ModernBertLayer(
                    attention, feed_forward, epsilon, first=i == 0, name=f"layer_{i}", dtype=dtype
                )
            )

    def build(self, input_shape):
        for part in (self.embedding_norm, *self.layers, self.final_norm):
            part.build(input_shape)
        self.built = True

    def call(self, x, context, seeds):
        """Run `x` `[batch, seq, dim]` through all layers."""
        h = kernels.dropout(self.embedding_norm(x), self.dropout, seeds[0])
        x = h
        norms = [layer.attention_norm for layer in self.layers[1:]] + [self.final_norm]
        for i, (layer, norm) in enumerate(zip(self.layers, norms, strict=True)):
            others = {"context": context, "seeds": seeds[3 * i + 1 : 3 * i + 4]}
            h, x = run_layer(layer, self.remat, (h, x), next_norm=norm, **others)
            offer("layer", functools.partial(tf.identity, h))
        return x

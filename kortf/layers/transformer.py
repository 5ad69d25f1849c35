"""The transformer layer, post-norm (as published) or pre-norm, and the stack of them."""

import keras
from keras import ops

from kortf.layers import fused
from kortf.layers.attention import SelfAttention
from kortf.layers.embeddings import initializer
from kortf.layers.norm import LayerNorm

ACTIVATIONS = {
    "gelu": lambda x: fused.gelu(x, approximate=False),
    "gelu_tanh": lambda x: fused.gelu(x, approximate=True),
    "relu": ops.relu,
}


class FeedForward(keras.layers.Layer):
    """Position-wise feed-forward network (Vaswani et al. 2017, section 3.3).

    Args:
        intermediate_dim: size between the two products.
        activation: `gelu`, `gelu_tanh` or `relu`.
        init_scale: standard deviation of the initialiser.
        output_init_scale: the same for the second product; `init_scale` if None.
    """

    def __init__(
        self,
        intermediate_dim: int,
        activation: str = "gelu",
        init_scale: float = 0.02,
        output_init_scale: float | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.intermediate_dim = intermediate_dim
        self.activation = activation
        self.init_scale = init_scale
        self.output_init_scale = output_init_scale or init_scale

    def build(self, input_shape):
        dim = input_shape[-1]
        sizes = {
            "intermediate": (dim, self.intermediate_dim, self.init_scale),
            "output": (self.intermediate_dim, dim, self.output_init_scale),
        }
        for part, (rows, columns, scale) in sizes.items():
            kernel = self.add_weight(
                name=f"{part}_kernel", shape=(rows, columns), initializer=initializer(scale)
            )
            bias = self.add_weight(name=f"{part}_bias", shape=(columns,), initializer="zeros")
            setattr(self, f"{part}_kernel", kernel)
            setattr(self, f"{part}_bias", bias)
        self.built = True

    def call(self, x):
        """Transforms `x` `[batch, seq, dim]` position by position."""
        x = fused.dense(x, self.intermediate_kernel.value, self.intermediate_bias.value)
        x = ACTIVATIONS[self.activation](x)
        return fused.dense(x, self.output_kernel.value, self.output_bias.value)


class TransformerLayer(keras.layers.Layer):
    """Self-attention and feed-forward, each with dropout, residual sum and normalisation.

    Args:
        num_heads: attention heads.
        intermediate_dim: of the feed-forward network.
        activation: of the feed-forward network.
        dropout: rate on the output of both sub-layers.
        attention_dropout: rate on the attention weights.
        norm_epsilon: of the normalisations.
        init_scale: standard deviation of the initialiser.
        output_init_scale: the same for the two products that write to the residual.
    """

    def __init__(
        self,
        num_heads: int,
        intermediate_dim: int,
        activation: str = "gelu",
        dropout: float = 0.1,
        attention_dropout: float = 0.1,
        norm_epsilon: float = 1e-12,
        init_scale: float = 0.02,
        output_init_scale: float | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        policy = self.dtype_policy
        self.dropout = dropout
        self.attention = SelfAttention(
            num_heads,
            attention_dropout,
            init_scale,
            output_init_scale,
            name="attention",
            dtype=policy,
        )
        self.attention_norm = LayerNorm(norm_epsilon, name="attention_norm", dtype=policy)
        self.feed_forward = FeedForward(
            intermediate_dim,
            activation,
            init_scale,
            output_init_scale,
            name="feed_forward",
            dtype=policy,
        )
        self.output_norm = LayerNorm(norm_epsilon, name="output_norm", dtype=policy)

    def build(self, input_shape):
        for part in (self.attention, self.attention_norm, self.feed_forward, self.output_norm):
            part.build(input_shape)
        self.built = True

    def call(self, x, bias, seeds):
        """Post-norm: `norm(x + sublayer(x))`, twice.

        Args:
            x: `[batch, seq, dim]`.
            bias: as `attention_bias` makes it.
            seeds: three seeds int32 `[2]`, or three None for inference.

        Returns:
            `[batch, seq, dim]`.
        """
        attended = self.attention(x, bias, seed=seeds[0])
        _, x = self.attention_norm.add(attended, x, self.dropout, seeds[1])
        _, x = self.output_norm.add(self.feed_forward(x), x, self.dropout, seeds[2])
        return x

    def call_pre_norm(self, h, x, bias, seeds, next_norm: LayerNorm):
        """Pre-norm: `h + sublayer(norm(h))`, twice.

        In a pre-norm layer `attention_norm` stands before the attention; its result comes in as
        `x`, since the sum that made `h` and the normalisation after it are one kernel. In the same
        way this layer ends in the normalisation that comes next.

        Args:
            h: the residual stream `[batch, seq, dim]`.
            x: `attention_norm(h)`.
            bias: as `attention_bias` makes it.
            seeds: three seeds int32 `[2]`, or three None.
            next_norm: the next layer's `attention_norm`, or the final normalisation.

        Returns:
            `(h, next_norm(h))`.
        """
        attended = self.attention(x, bias, seed=seeds[0])
        h, x = self.output_norm.add(attended, h, self.dropout, seeds[1])
        return next_norm.add(self.feed_forward(x), h, self.dropout, seeds[2])


class TransformerStack(keras.layers.Layer):
    """A row of transformer layers.

    Args:
        num_layers: how many.
        norm: `post` (BERT as published) or `pre` (Xiong et al. 2020), with a final normalisation.
        norm_epsilon: of all normalisations.
        **layer: arguments of `TransformerLayer`.
    """

    def __init__(
        self, num_layers: int, norm: str = "post", norm_epsilon: float = 1e-12, dtype=None, **layer
    ):
        super().__init__(name="layers", dtype=dtype)
        if norm not in ("post", "pre"):
            raise ValueError(f"norm='{norm}': choose 'post' or 'pre'")
        self.norm = norm
        self.layers = [
            TransformerLayer(name=f"layer_{i}", dtype=dtype, norm_epsilon=norm_epsilon, **layer)
            for i in range(num_layers)
        ]
        pre = norm == "pre"
        self.final_norm = LayerNorm(norm_epsilon, name="final_norm", dtype=dtype) if pre else None

    def build(self, input_shape):
        for layer in self.layers:
            layer.build(input_shape)
        if self.final_norm is not None:
            self.final_norm.build(input_shape)
        self.built = True

    def call(self, x, bias, seeds):
        """Runs `x` `[batch, seq, dim]` through all layers; `seeds` are three for each layer."""
        triples = [seeds[i : i + 3] for i in range(0, len(seeds), 3)]
        if self.norm == "post":
            for layer, three in zip(self.layers, triples, strict=True):
                x = layer(x, bias, three)
            return x
        h, x = x, self.layers[0].attention_norm(x)
        norms = [layer.attention_norm for layer in self.layers[1:]] + [self.final_norm]
        for layer, three, norm in zip(self.layers, triples, norms, strict=True):
            h, x = layer.call_pre_norm(h, x, bias, three, norm)
        return x

"""The transformer layer, post-norm (as published) or pre-norm, and the stack of layers."""

import functools
from collections.abc import Callable, Sequence

import keras
import tensorflow as tf
from keras import ops

from kortf.layers import kernels as kernels
from kortf.layers.embeddings import initializer
from kortf.layers.norm import LayerNorm
from kortf.layers.taps import offer

ACTIVATIONS = {
    "gelu": lambda x: kernels.gelu(x, approximate=False),
    "gelu_tanh": lambda x: kernels.gelu(x, approximate=True),
    "relu": ops.relu,
}


FEED_FORWARDS = ("mlp", "glu")
NORMS = ("post", "pre")


def check_norm(norm: str) -> None:
    """Raise a ValueError unless `norm` is `post` or `pre`."""
    if norm not in NORMS:
        raise ValueError(f"norm='{norm}': choose 'post' or 'pre'")


def check_groups(num_groups: int, num_layers: int) -> None:
    """Raise a ValueError unless the groups can share the layers evenly."""
    if not 0 < num_groups <= num_layers or num_layers % num_groups:
        raise ValueError(f"num_groups={num_groups} does not divide num_layers={num_layers}")


class FeedForward(keras.layers.Layer):
    """Position-wise feed-forward network (Vaswani et al. 2017, section 3.3), gated if asked.

    Args:
        intermediate_dim: Size between the two products.
        activation: `gelu`, `gelu_tanh` or `relu`.
        kind: `mlp`, or `glu` (Shazeer 2020): the activation of one half of the first product is
            multiplied by the other half; that product is twice as wide.
        init_scale: Standard deviation of the initialiser.
        output_init_scale: The same for the second product; `init_scale` if None.
    """

    def __init__(
        self,
        intermediate_dim: int,
        activation: str = "gelu",
        kind: str = "mlp",
        init_scale: float = 0.02,
        output_init_scale: float | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if activation not in ACTIVATIONS:
            raise ValueError(f"activation='{activation}': choose one of {', '.join(ACTIVATIONS)}")
        if kind not in FEED_FORWARDS:
            raise ValueError(f"feed_forward='{kind}': choose one of {', '.join(FEED_FORWARDS)}")
        self.intermediate_dim = intermediate_dim
        self.activation = activation
        self.kind = kind
        self.init_scale = init_scale
        self.output_init_scale = output_init_scale or init_scale

    def build(self, input_shape):
        dim = input_shape[-1]
        first = self.intermediate_dim * (2 if self.kind == "glu" else 1)
        sizes = {
            "intermediate": (dim, first, self.init_scale),
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
        """Transform `x` `[batch, seq, dim]` position by position."""
        x = kernels.dense(x, self.intermediate_kernel.value, self.intermediate_bias.value)
        if self.kind == "glu":
            gate, x = ops.split(x, 2, axis=-1)
            x = ACTIVATIONS[self.activation](gate) * x
        else:
            x = ACTIVATIONS[self.activation](x)
        return kernels.dense(x, self.output_kernel.value, self.output_bias.value)


class TransformerLayer(keras.layers.Layer):
    """Attention and feed-forward network, each with dropout, residual sum and normalisation.

    Args:
        attention: Layer called as `attention(x, context=…, seed=…)`, `[batch, seq, dim]` to the
            same, such as `SelfAttention`.
        feed_forward: Layer called as `feed_forward(x)`, such as `FeedForward`.
        dropout: Rate on the output of both sub-layers.
        norm_epsilon: Epsilon of the normalisations.
    """

    def __init__(
        self,
        attention: keras.layers.Layer,
        feed_forward: keras.layers.Layer,
        dropout: float = 0.1,
        norm_epsilon: float = 1e-12,
        **kwargs,
    ):
        super().__init__(**kwargs)
        policy = self.dtype_policy
        self.dropout = dropout
        self.attention = attention
        self.attention_norm = LayerNorm(norm_epsilon, name="attention_norm", dtype=policy)
        self.feed_forward = feed_forward
        self.output_norm = LayerNorm(norm_epsilon, name="output_norm", dtype=policy)

    def build(self, input_shape):
        for part in (self.attention, self.attention_norm, self.feed_forward, self.output_norm):
            part.build(input_shape)
        self.built = True

    def call(self, x, context, seeds):
        """Post-norm: `norm(x + sublayer(x))`, twice.

        Args:
            x: `[batch, seq, dim]`.
            context: Passed on to the attention, such as an `AttentionContext`.
            seeds: Three seeds int32 `[2]`, or three None for inference.

        Returns:
            `[batch, seq, dim]`.
        """
        attended = self.attention(x, context=context, seed=seeds[0])
        _, x = self.attention_norm.add(attended, x, self.dropout, seeds[1])
        _, x = self.output_norm.add(self.feed_forward(x), x, self.dropout, seeds[2])
        return x

    def call_pre_norm(self, h, x, context, seeds, next_norm: LayerNorm):
        """Pre-norm: `h + sublayer(norm(h))`, twice.

        In a pre-norm layer `attention_norm` stands before the attention; its result comes in as
        `x`, since the sum that made `h` and the normalisation after it are one kernel. In the same
        way this layer ends in the normalisation that comes next.

        Args:
            h: The residual stream `[batch, seq, dim]`.
            x: `attention_norm(h)`.
            context: Passed on to the attention.
            seeds: Three seeds int32 `[2]`, or three None.
            next_norm: The next layer's `attention_norm`, or the final normalisation.

        Returns:
            `(h, next_norm(h))`.
        """
        attended = self.attention(x, context=context, seed=seeds[0])
        h, x = self.output_norm.add(attended, h, self.dropout, seeds[1])
        return next_norm.add(self.feed_forward(x), h, self.dropout, seeds[2])


def run_layer(layer: Callable, remat: bool, inputs: Sequence[tf.Tensor], **others):
    """Run one layer of a stack.

    Args:
        layer: Layer, or one of its methods.
        remat: Whether to keep only `inputs` for the backward pass, and to compute the inside of the
            layer again there (Chen et al. 2016).
        inputs: Positional arguments, the only ones that take gradients.
        **others: Keyword arguments.

    Returns:
        The result of the layer.
    """
    if not remat:
        return layer(*inputs, **others)
    return tf.recompute_grad(lambda *inputs: layer(*inputs, **others))(*inputs)


class TransformerStack(keras.layers.Layer):
    """Transformer layers, one after the other.

    Args:
        layers: Layers with weights of their own. An equal number of consecutive passes share each
            of them (Lan et al. 2020, section 3.1).
        num_layers: Passes; `len(layers)` if None.
        norm: `post` (BERT as published) or `pre` (Xiong et al. 2020), with a final normalisation.
        norm_epsilon: Epsilon of the final normalisation.
        remat: Whether training keeps only the values between layers, and computes those inside of
            them a second time in the backward pass (Chen et al. 2016): less memory for a third
            more computation.
    """

    def __init__(
        self,
        layers: Sequence[TransformerLayer],
        num_layers: int | None = None,
        norm: str = "post",
        norm_epsilon: float = 1e-12,
        remat: bool = False,
        dtype=None,
    ):
        super().__init__(name="layers", dtype=dtype)
        check_norm(norm)
        self.norm = norm
        self.remat = remat
        self.layers = list(layers)
        self.num_layers = num_layers or len(self.layers)
        check_groups(len(self.layers), self.num_layers)
        pre = norm == "pre"
        self.final_norm = LayerNorm(norm_epsilon, name="final_norm", dtype=dtype) if pre else None

    def build(self, input_shape):
        for layer in self.layers:
            layer.build(input_shape)
        if self.final_norm is not None:
            self.final_norm.build(input_shape)
        self.built = True

    def call(self, x, context, seeds):
        """Run `x` `[batch, seq, dim]` through all layers; `seeds` are three for each layer."""
        triples = [seeds[i : i + 3] for i in range(0, len(seeds), 3)]
        repeats = self.num_layers // len(self.layers)
        row = [layer for layer in self.layers for _ in range(repeats)]
        if self.norm == "post":
            for layer, three in zip(row, triples, strict=True):
                x = run_layer(layer, self.remat, (x,), context=context, seeds=three)
                offer("layer", functools.partial(tf.identity, x))
            return x
        h, x = x, row[0].attention_norm(x)
        norms = [layer.attention_norm for layer in row[1:]] + [self.final_norm]
        for layer, three, norm in zip(row, triples, norms, strict=True):
            call, others = layer.call_pre_norm, {"context": context, "seeds": three}
            h, x = run_layer(call, self.remat, (h, x), next_norm=norm, **others)
            offer("layer", functools.partial(tf.identity, h))
        return x

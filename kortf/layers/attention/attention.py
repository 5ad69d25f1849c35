"""Multi-head self-attention."""

import dataclasses

import keras
import tensorflow as tf
from keras import ops

from kortf.layers import kernels as kernels
from kortf.layers.attention.key_value_cache import KeyValueCache
from kortf.layers.attention.rotary import Rotation, rotate
from kortf.layers.embeddings import initializer
from kortf.layers.kernels.attention import NEVER
from kortf.layers.taps import offer


def attention_bias(
    padding_mask: tf.Tensor,
    pack_ids: tf.Tensor | None = None,
    causal: bool = False,
    prefix_mask: tf.Tensor | None = None,
):
    """Return the bias of the scores that hides keys from queries.

    Example: Two packed examples of two and one tokens, and padding.
        >>> attention_bias([[1, 1, 1, 0]], pack_ids=[[1, 1, 2, 0]])[0, 0] == 0
        [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]

    Example: A prefix of two tokens, which every query sees (Dong et al. 2019, section 2.2).
        >>> attention_bias([[1, 1, 1, 1]], causal=True, prefix_mask=[[1, 1, 0, 0]])[0, 0] == 0
        [[1, 1, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0], [1, 1, 1, 1]]

    Args:
        padding_mask: Bool or int `[batch, seq]`, true where there is a token.
        pack_ids: int32 `[batch, seq]`, 1… the packed example; None when each row is one.
        causal: Whether a query sees only itself and the keys before it.
        prefix_mask: Bool or int `[batch, seq]`, true for keys that every query of the same packed
            example sees although `causal` is true; None for none.

    Returns:
        float32 `[batch, 1, 1 or seq, seq]` of 0 and a large negative number.
    """
    if pack_ids is None:
        seen = tf.cast(padding_mask, tf.bool)[:, None, None, :]  # [batch, 1, 1, seq]
    else:
        pack_ids = tf.convert_to_tensor(pack_ids)
        seen = (pack_ids[:, :, None] == pack_ids[:, None, :])[:, None]  # [batch, 1, seq, seq]
    if causal:
        index = tf.range(tf.shape(padding_mask)[1])
        before = (index[None, :] <= index[:, None])[None, None]  # [1, 1, seq, seq]
        if prefix_mask is not None:
            before = tf.logical_or(before, tf.cast(prefix_mask, tf.bool)[:, None, None, :])
        seen = tf.logical_and(seen, before)
    return tf.where(seen, 0.0, NEVER)


@dataclasses.dataclass(frozen=True)
class AttentionContext:
    """Inputs that the attentions of all layers share.

    Attributes:
        bias: Bias of the scores, from `attention_bias`.
        rotation: Rotation of queries and keys, where positions are rotary.
        cache: Keys and values of the tokens before, when a text is continued.
    """

    bias: tf.Tensor
    rotation: Rotation | None = None
    cache: KeyValueCache | None = None


class SelfAttention(keras.layers.Layer):
    """Multi-head scaled dot-product self-attention (Vaswani et al. 2017, section 3.2).

    Args:
        num_heads: Must divide the hidden size.
        dropout: Rate on the attention weights.
        init_scale: Standard deviation of the initialiser.
        output_init_scale: The same for the output projection; `init_scale` if None.
    """

    def __init__(
        self,
        num_heads: int,
        dropout: float = 0.1,
        init_scale: float = 0.02,
        output_init_scale: float | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.num_heads = num_heads
        self.dropout = dropout
        self.init_scale = init_scale
        self.output_init_scale = output_init_scale or init_scale

    def build(self, input_shape):
        dim = input_shape[-1]
        if dim % self.num_heads:
            raise ValueError(f"num_heads={self.num_heads} does not divide hidden_dim={dim}")
        self.head_dim = dim // self.num_heads
        for part in ("query", "key", "value", "output"):
            scale = self.output_init_scale if part == "output" else self.init_scale
            kernel = self.add_weight(
                name=f"{part}_kernel", shape=(dim, dim), initializer=initializer(scale)
            )
            bias = self.add_weight(name=f"{part}_bias", shape=(dim,), initializer="zeros")
            setattr(self, f"{part}_kernel", kernel)
            setattr(self, f"{part}_bias", bias)
        self.built = True

    def call(self, x, context: AttentionContext, seed=None):
        """Attend from each position to the others.

        Args:
            x: `[batch, seq, dim]`.
            context: Bias and rotation of the batch.
            seed: int32 `[2]`; None for inference.

        Returns:
            `[batch, seq, dim]`.
        """
        query, key, value = self._project(x)
        if context.rotation is not None:
            query, key = rotate(query, context.rotation), rotate(key, context.rotation)
        if context.cache is not None:
            key, value = context.cache.extend(key, value)
        scale = self.head_dim**0.5
        offer("attention", lambda: (query * scale, key, value, context.bias))
        scores = tf.matmul(query, key, transpose_b=True)  # (batch, heads, seq, keys)
        weights = kernels.attention_weights(scores, context.bias, self.dropout, seed)
        return self._merge(ops.matmul(weights, value), x)

    def _project(self, x):
        # One product for the three: a small hidden size does not fill the machine three times.
        batch, length = ops.shape(x)[0], ops.shape(x)[1]
        scale = self.head_dim**-0.5
        kernel = ops.concatenate(
            [self.query_kernel * scale, self.key_kernel, self.value_kernel], axis=1
        )
        bias = ops.concatenate([self.query_bias * scale, self.key_bias, self.value_bias], axis=0)
        x = kernels.dense(x, kernel, bias)  # (batch, seq, 3 * dim)
        x = ops.reshape(x, (batch, length, 3, self.num_heads, self.head_dim))
        return ops.unstack(
            ops.transpose(x, (2, 0, 3, 1, 4)), 3
        )  # each (batch, heads, seq, head_dim)

    def _merge(self, context, x):
        context = ops.transpose(context, (0, 2, 1, 3))  # (batch, seq, heads, head_dim)
        context = ops.reshape(context, ops.shape(x))  # (batch, seq, dim)
        return kernels.dense(context, self.output_kernel.value, self.output_bias.value)

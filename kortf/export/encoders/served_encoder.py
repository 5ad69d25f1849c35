"""A transformer encoder for inference, in few and large operations.

The general encoder serves training: each projection is a product, and every product finds its
shapes at run time. Here the three products of an attention are one, and rows stay flat
`[batch * seq, dim]` between products. Weights of a small encoder are constants, which the runtime
folds, fuses and packs. Each graph that reaches a constant copies it, so weights of a large encoder
are variables: BERT base with constants took 11 GB and half a minute to load.

oneDNN sets up each transposition, batched product and softmax anew, which takes longer than the
attention of one short row itself. Such a row has an attention of its own, from operations that
oneDNN leaves to Eigen. Measured by `benchmarks/serving.py`.
"""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from kortf.export.encoders.transformer_weights import (
    Dense,
    LayerWeights,
    TransformerWeights,
)
from kortf.layers.attention.attention import NEVER
from kortf.models.transformer import TransformerEncoder

CONSTANT_BYTES = 32 << 20  # weights of more bytes are variables
# Most attention scores of a layer in a short row: half of the estimated break-even.
SHORT_SCORES = 1 << 14
_ACTIVATIONS = {
    "gelu": lambda x: tf.nn.gelu(x, approximate=False),
    "gelu_tanh": lambda x: tf.nn.gelu(x, approximate=True),
    "relu": tf.nn.relu,
}


class ServedEncoder:
    """Compute what a `TransformerEncoder` does at inference.

    The token table stays the encoder's own variable: heads read it as well.

    Args:
        encoder: Built encoder that `transformer_weights.supports` accepts.
        dtype: Dtype of layer weights and products; softmax and normalization are float32.
        constant_bytes: Weights of products are constants up to so many bytes together.
    """

    def __init__(
        self,
        encoder: TransformerEncoder,
        dtype: str = "float32",
        constant_bytes: int = CONSTANT_BYTES,
    ):
        self._table = encoder.token_embedding.embeddings
        self._dtype = tf.as_dtype(dtype)
        kernels = [w for w in encoder.weights if w is not self._table and len(w.shape) == 2]
        size = sum(int(np.prod(kernel.shape)) for kernel in kernels) * self._dtype.size
        self._constant = size <= constant_bytes
        weights = TransformerWeights.of(encoder)
        self._positions, self._segments = weights.positions, weights.segments
        self._norm, self._final = weights.norm, weights.final
        self._heads, self._dim = weights.num_heads, weights.hidden_dim
        self._activation, self._glu = _ACTIVATIONS[weights.activation], weights.glu
        self._projection = self._dense(weights.projection)
        self._pooler = self._dense(weights.pooler)
        self._layers = [self._of_layer(layer) for layer in weights.layers]
        self._repeats = weights.repeats

    def _of_layer(self, layer: LayerWeights) -> dict:
        parts = (layer.query, layer.key, layer.value)
        qkv = Dense(*(np.concatenate(arrays, axis=-1) for arrays in zip(*parts, strict=True)))
        return {
            "qkv": self._dense(qkv),
            "out": self._dense(layer.out),
            "first": self._dense(layer.first),
            "second": self._dense(layer.second),
            "attention_norm": layer.attention_norm,
            "output_norm": layer.output_norm,
        }

    def _dense(self, dense: Dense | None) -> tuple | None:
        """Return kernel and bias of a product; a kernel is an array if it becomes a constant."""
        if dense is None:
            return None
        kernel, bias = dense
        if not self._constant:
            kernel = tf.Variable(tf.cast(kernel, self._dtype), trainable=False, name="kernel")
        return kernel, bias

    def __call__(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Encode a batch: `{"sequence": [batch, seq, dim], "pooled": [batch, dim]}`."""
        ids = batch["token_ids"]
        shape = tf.shape(ids)
        rows, length = shape[0], shape[1]
        dim = self._dim
        x = tf.nn.embedding_lookup(self._table.value, ids)  # (batch, seq, embedding)
        x = tf.cast(x, tf.float32) + tf.constant(self._positions)[None, :length]
        if self._segments is not None:
            x += tf.gather(tf.constant(self._segments), batch["segment_ids"])
        x = tf.reshape(x, [-1, x.shape[-1]])  # (batch * seq, embedding)
        if self._norm is not None:
            x = _normalize(x, *self._norm)
        if self._projection is not None:
            x = self._product(x, self._projection)
        mask = tf.cast(batch["padding_mask"], tf.bool)
        bias = tf.where(mask, 0.0, NEVER)[:, None, None, :]
        split = tf.stack([rows, length, 3, self._heads, dim // self._heads])
        short = (rows == 1) & (length * length * self._heads <= SHORT_SCORES) & tf.reduce_all(mask)

        def mix(qkv):
            if self._dtype != tf.float32:  # the other one would round at other places
                return self._mix(qkv, bias, split)
            return tf.cond(short, lambda: self._mix_short(qkv), lambda: self._mix(qkv, bias, split))

        for layer in [layer for layer in self._layers for _ in range(self._repeats)]:
            x = self._layer(x, layer, mix)
        if self._final is not None:
            x = _normalize(x, *self._final)
        sequence = tf.reshape(x, tf.stack([rows, length, dim]))
        pooled = sequence[:, 0]
        if self._pooler is not None:
            pooled = tf.tanh(self._product(pooled, self._pooler))
        return {"sequence": sequence, "pooled": pooled}

    def _layer(self, x, layer: dict, mix: Callable):
        if self._final is not None:  # pre-norm
            x += self._attend(_normalize(x, *layer["attention_norm"]), layer, mix)
            return x + self._feed(_normalize(x, *layer["output_norm"]), layer)
        x = _normalize(x + self._attend(x, layer, mix), *layer["attention_norm"])
        return _normalize(x + self._feed(x, layer), *layer["output_norm"])

    def _attend(self, x, layer: dict, mix: Callable):
        return self._product(mix(self._product(x, layer["qkv"])), layer["out"])

    def _mix(self, qkv, bias, split):
        """Mix the values: from `[batch * seq, 3 * dim]` to `[batch * seq, dim]`."""
        qkv = tf.reshape(qkv, split)
        # (batch, seq, 3, heads, head_dim) -> three of (batch, heads, seq, head_dim)
        query, key, value = tf.unstack(tf.transpose(qkv, (2, 0, 3, 1, 4)), 3)
        scores = tf.matmul(self._cast(query), self._cast(key), transpose_b=True)
        weights = tf.nn.softmax(tf.cast(scores, tf.float32) + bias)  # (batch, heads, seq, seq)
        mixed = tf.matmul(self._cast(weights), self._cast(value))
        return tf.reshape(tf.transpose(mixed, (0, 2, 1, 3)), [-1, self._dim])

    def _mix_short(self, qkv):
        """Mix the values of one row without padding: from `[seq, 3 * dim]` to `[seq, dim]`."""
        heads = self._heads
        parts = tf.split(qkv, 3 * heads, axis=1)  # each (seq, head_dim)
        query, key, value = (tf.stack(parts[i * heads : (i + 1) * heads]) for i in range(3))
        scores = _batched(query, key, adj_y=True)  # (heads, seq, seq)
        weights = tf.exp(scores - tf.reduce_max(scores, axis=-1, keepdims=True))
        weights /= tf.reduce_sum(weights, axis=-1, keepdims=True)
        # Not unstacked: OpenVINO cannot convert that, concatenated again, without its length.
        mixed = tf.split(_batched(weights, value), heads, axis=0)  # each (1, seq, head_dim)
        return tf.reshape(tf.concat(mixed, axis=2), [-1, self._dim])

    def _feed(self, x, layer: dict):
        x = self._product(x, layer["first"])
        if self._glu:
            gate, x = tf.split(x, 2, axis=-1)
            x = self._activation(gate) * x
        else:
            x = self._activation(x)
        return self._product(x, layer["second"])

    def _product(self, x, weights) -> tf.Tensor:
        kernel, bias = weights
        kernel = tf.constant(kernel, self._dtype) if self._constant else kernel
        bias = tf.constant(bias, self._dtype)
        return tf.cast(tf.nn.bias_add(tf.matmul(self._cast(x), kernel), bias), tf.float32)

    def _cast(self, x) -> tf.Tensor:
        return x if x.dtype == self._dtype else tf.cast(x, self._dtype)


def _batched(x, y, adj_y: bool = False):
    # oneDNN takes the versions 1 and 2 of this operation.
    return tf.raw_ops.BatchMatMulV3(x=x, y=y, Tout=x.dtype, adj_y=adj_y)


def _normalize(x, gamma, beta, epsilon):
    centred = x - tf.reduce_mean(x, axis=1, keepdims=True)
    variance = tf.reduce_mean(tf.square(centred), axis=1, keepdims=True)
    return centred * (tf.math.rsqrt(variance + epsilon) * gamma) + beta

"""A transformer encoder for inference, in few and large operations.

The general encoder serves training: each projection is a product, and every product finds its
shapes at run time. Here the three products of an attention are one, and rows stay flat
`[batch * seq, dim]` between products. Weights of a small encoder are constants, which the runtime
folds, fuses and packs. Each graph that reaches a constant copies it, so weights of a large encoder
are variables: BERT base with constants took 11 GB and half a minute to load. Measured by
`benchmarks/serving.py`.
"""

import numpy as np
import tensorflow as tf

from kortf.layers.attention.attention import NEVER, SelfAttention
from kortf.layers.embeddings import TransformerEmbedding
from kortf.layers.norm import LayerNorm
from kortf.layers.transformer import FeedForward, TransformerLayer, TransformerStack
from kortf.models.encoder import BIDIRECTIONAL, Encoder
from kortf.models.transformer import TransformerEncoder

CONSTANT_BYTES = 32 << 20  # weights of more bytes are variables
_ACTIVATIONS = {
    "gelu": lambda x: tf.nn.gelu(x, approximate=False),
    "gelu_tanh": lambda x: tf.nn.gelu(x, approximate=True),
    "relu": tf.nn.relu,
}


def supports(encoder: Encoder) -> bool:
    """Return whether `ServedEncoder` computes an encoder.

    Each part must be of a known class, not of a subclass: one that computes something else must
    not be taken for what it extends.
    """
    if not isinstance(encoder, TransformerEncoder) or encoder.causal:
        return False
    methods = ("call", "_encode", "_embed", "_outputs", "_summary")
    if any(getattr(type(encoder), m) is not getattr(TransformerEncoder, m) for m in methods):
        return False
    if encoder.visibilities[0] != BIDIRECTIONAL:
        return False
    parts = [(encoder.layers, TransformerStack), (encoder.embedding, TransformerEmbedding)]
    for layer in getattr(encoder.layers, "layers", ()):
        norms = (layer.attention_norm, layer.output_norm)
        parts += [(layer, TransformerLayer), *((norm, LayerNorm) for norm in norms)]
        parts += [(layer.attention, SelfAttention), (layer.feed_forward, FeedForward)]
    if any(type(part) is not known for part, known in parts):
        return False
    settings = encoder.settings
    return settings["positions"] == "learned" and settings["activation"] in _ACTIVATIONS


class ServedEncoder:
    """Compute what a `TransformerEncoder` does at inference.

    The token table stays the encoder's own variable: heads read it as well.

    Args:
        encoder: Built encoder that `supports` accepts.
        dtype: Dtype of layer weights and products; softmax and normalization are float32.
        constant_bytes: Weights of products are constants up to so many bytes together.
    """

    def __init__(
        self,
        encoder: TransformerEncoder,
        dtype: str = "float32",
        constant_bytes: int = CONSTANT_BYTES,
    ):
        self._settings = encoder.settings
        self._table = encoder.token_embedding.embeddings
        self._dtype = tf.as_dtype(dtype)
        kernels = [w for w in encoder.weights if w is not self._table and len(w.shape) == 2]
        size = sum(int(np.prod(kernel.shape)) for kernel in kernels) * self._dtype.size
        self._constant = size <= constant_bytes
        self._heads = encoder.settings["num_heads"]
        embedding = encoder.embedding
        first = embedding.position_offset
        self._positions = _array(embedding.positions)[first:]
        self._segments = _array(embedding.segments) if embedding.num_segments else None
        if embedding.num_segments == 1:
            self._positions, self._segments = self._positions + self._segments, None
        self._norm = _norm(embedding.norm) if embedding.norm is not None else None
        self._projection = self._dense(encoder.embedding_projection)
        self._pooler = self._dense(encoder.pooler)
        stack = encoder.layers
        self._layers = [self._of_layer(layer) for layer in stack.layers]
        self._repeats = stack.num_layers // len(stack.layers)
        self._final = _norm(stack.final_norm) if stack.norm == "pre" else None

    def _of_layer(self, layer) -> dict:
        attention, inner = layer.attention, layer.feed_forward
        scale = (self._settings["hidden_dim"] // self._heads) ** -0.5
        parts = [(attention.query_kernel, attention.query_bias, scale)]
        parts += [(getattr(attention, f"{n}_kernel"), getattr(attention, f"{n}_bias"), 1.0)
                  for n in ("key", "value")]  # fmt: skip
        return {
            "qkv": self._weights(
                np.concatenate([_array(kernel) * factor for kernel, _, factor in parts], axis=1),
                np.concatenate([_array(bias) * factor for _, bias, factor in parts], axis=0),
            ),
            "out": self._weights(attention.output_kernel, attention.output_bias),
            "first": self._weights(inner.intermediate_kernel, inner.intermediate_bias),
            "second": self._weights(inner.output_kernel, inner.output_bias),
            "glu": inner.kind == "glu",
            "activation": _ACTIVATIONS[inner.activation],
            "attention_norm": _norm(layer.attention_norm),
            "output_norm": _norm(layer.output_norm),
        }

    def _dense(self, layer):
        return None if layer is None else self._weights(layer.kernel, layer.bias)

    def _weights(self, kernel, bias) -> tuple:
        """Return kernel and bias of a product; a kernel is an array if it becomes a constant."""
        kernel, bias = _array(kernel), _array(bias)
        if not self._constant:
            kernel = tf.Variable(tf.cast(kernel, self._dtype), trainable=False, name="kernel")
        return kernel, bias

    def __call__(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Encode a batch: `{"sequence": [batch, seq, dim], "pooled": [batch, dim]}`."""
        ids = batch["token_ids"]
        shape = tf.shape(ids)
        rows, length = shape[0], shape[1]
        dim = self._settings["hidden_dim"]
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
        for layer in [layer for layer in self._layers for _ in range(self._repeats)]:
            x = self._layer(x, layer, bias, split)
        if self._final is not None:
            x = _normalize(x, *self._final)
        sequence = tf.reshape(x, tf.stack([rows, length, dim]))
        pooled = sequence[:, 0]
        if self._pooler is not None:
            pooled = tf.tanh(self._product(pooled, self._pooler))
        return {"sequence": sequence, "pooled": pooled}

    def _layer(self, x, layer: dict, bias, split):
        if self._final is not None:  # pre-norm
            x += self._attend(_normalize(x, *layer["attention_norm"]), layer, bias, split)
            return x + self._feed(_normalize(x, *layer["output_norm"]), layer)
        x = _normalize(x + self._attend(x, layer, bias, split), *layer["attention_norm"])
        return _normalize(x + self._feed(x, layer), *layer["output_norm"])

    def _attend(self, x, layer: dict, bias, split):
        qkv = tf.reshape(self._product(x, layer["qkv"]), split)
        # (batch, seq, 3, heads, head_dim) -> three of (batch, heads, seq, head_dim)
        query, key, value = tf.unstack(tf.transpose(qkv, (2, 0, 3, 1, 4)), 3)
        scores = tf.matmul(self._cast(query), self._cast(key), transpose_b=True)
        weights = tf.nn.softmax(tf.cast(scores, tf.float32) + bias)  # (batch, heads, seq, seq)
        mixed = tf.matmul(self._cast(weights), self._cast(value))
        mixed = tf.reshape(tf.transpose(mixed, (0, 2, 1, 3)), [-1, self._settings["hidden_dim"]])
        return self._product(mixed, layer["out"])

    def _feed(self, x, layer: dict):
        x = self._product(x, layer["first"])
        if layer["glu"]:
            gate, x = tf.split(x, 2, axis=-1)
            x = layer["activation"](gate) * x
        else:
            x = layer["activation"](x)
        return self._product(x, layer["second"])

    def _product(self, x, weights) -> tf.Tensor:
        kernel, bias = weights
        kernel = tf.constant(kernel, self._dtype) if self._constant else kernel
        bias = tf.constant(bias, self._dtype)
        return tf.cast(tf.nn.bias_add(tf.matmul(self._cast(x), kernel), bias), tf.float32)

    def _cast(self, x) -> tf.Tensor:
        return x if x.dtype == self._dtype else tf.cast(x, self._dtype)


def _array(values) -> np.ndarray:
    return np.asarray(values if isinstance(values, np.ndarray) else values.numpy(), np.float32)


def _norm(layer) -> tuple[np.ndarray, np.ndarray, float]:
    gamma = _array(layer.gamma)
    return gamma, _array(layer.beta) if layer.bias else np.zeros_like(gamma), layer.epsilon


def _normalize(x, gamma, beta, epsilon):
    centred = x - tf.reduce_mean(x, axis=1, keepdims=True)
    variance = tf.reduce_mean(tf.square(centred), axis=1, keepdims=True)
    return centred * (tf.math.rsqrt(variance + epsilon) * gamma) + beta

"""Disentangled self-attention (He et al. 2021): content and relative position apart."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from kortf.layers import kernels
from kortf.layers.embeddings import initializer
from kortf.layers.taps import offer


def log_buckets(length: int, buckets: int, max_distance: int) -> np.ndarray:
    """Return the bucket of each distance from `1 - length` to `length - 1`.

    Distances below half of the buckets have a bucket each; farther ones share buckets whose width
    grows with the distance (He et al. 2021, DeBERTa-v2).

    Example:
        >>> log_buckets(7, 4, 7)[6:].tolist()
        [0, 1, 2, 3, 3, 3, 3]

    Args:
        length: Number of positions.
        buckets: Buckets on each side; 0 for a bucket a distance.
        max_distance: Distance that the last bucket ends with.

    Returns:
        int32 `[2 * length - 1]`, negative for negative distances.
    """
    distance = np.arange(1 - length, length)
    middle = buckets // 2
    if not buckets or length - 1 <= middle:  # a bucket a distance
        return distance.astype(np.int32)
    # In float32, as the published weights were trained: ceil decides by the last digit.
    size = np.maximum(np.abs(distance), middle - 1).astype(np.float32)
    span = np.log(np.float32((max_distance - 1) / middle))
    far = np.ceil(np.log(size / np.float32(middle)) / span * np.float32(middle - 1)) + middle
    return np.where(size <= middle, distance, far * np.sign(distance)).astype(np.int32)


class DisentangledSelfAttention(keras.layers.Layer):
    """Self-attention whose scores are content-content, content-position and position-content.

    Args:
        num_heads: Number of heads; must divide the hidden size.
        shared_key: Whether positions use the query and key products of the content; otherwise
            they have their own.
        dropout: Dropout rate on the attention weights.
        init_scale: Standard deviation of the initializer.
    """

    def __init__(
        self,
        num_heads: int,
        shared_key: bool = True,
        dropout: float = 0.1,
        init_scale: float = 0.02,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.num_heads = num_heads
        self.shared_key = shared_key
        self.dropout = dropout
        self.init_scale = init_scale

    def build(self, input_shape):
        dim = input_shape[-1]
        if dim % self.num_heads:
            raise ValueError(f"num_heads={self.num_heads} does not divide hidden_dim={dim}")
        self.head_dim = dim // self.num_heads
        parts = ["query", "key", "value", "output"]
        parts += [] if self.shared_key else ["position_query", "position_key"]
        for part in parts:
            init = initializer(self.init_scale)
            kernel = self.add_weight(name=f"{part}_kernel", shape=(dim, dim), initializer=init)
            bias = self.add_weight(name=f"{part}_bias", shape=(dim,), initializer="zeros")
            setattr(self, f"{part}_kernel", kernel)
            setattr(self, f"{part}_bias", bias)
        self.built = True

    def call(self, x, bias, vectors, seed=None, queries=None):
        """Let each position attend to the others.

        Args:
            x: `[batch, seq, dim]`.
            bias: Bias of the scores, broadcastable to `[batch, heads, seq, seq]`.
            vectors: Position vectors of the distances `1 - seq … seq - 1`,
                `[2 * seq - 1, dim]`.
            seed: int32 `[2]`; None for inference.
            queries: What the queries are made of, `[batch, seq, dim]`; `x` if None.

        Returns:
            `[batch, seq, dim]`.
        """
        query = self._split(x if queries is None else queries, "query")
        key, value = (self._split(x, part) for part in ("key", "value"))
        scale = (3 * self.head_dim) ** 0.5
        offer("attention", lambda: (query * scale, key, value, bias))
        own = "" if self.shared_key else "position_"
        position_query, position_key = (
            self._split(vectors[None], f"{own}{part}") for part in ("query", "key")
        )  # [1, heads, 2 * seq - 1, head_dim]
        scores = tf.matmul(query, key, transpose_b=True)  # [batch, heads, seq, seq]
        # Distances fall along a row of keys, and rise along a row of queries.
        to_position = tf.matmul(query, position_key[:, :, ::-1], transpose_b=True)
        from_position = tf.matmul(key, position_query, transpose_b=True)
        scores += _skewed(to_position) + tf.linalg.matrix_transpose(_skewed(from_position))
        weights = kernels.attention_weights(scores, bias, self.dropout, seed)
        found = ops.transpose(tf.matmul(weights, value), (0, 2, 1, 3))
        found = ops.reshape(found, ops.shape(x))  # [batch, seq, dim]
        return kernels.dense(found, self.output_kernel.value, self.output_bias.value)

    def _split(self, x, part):
        """`[batch, n, dim]` to the `[batch, heads, n, head_dim]` of one of the products."""
        kernel, bias = getattr(self, f"{part}_kernel").value, getattr(self, f"{part}_bias").value
        kernel, bias = ops.cast(kernel, x.dtype), ops.cast(bias, x.dtype)
        if part.endswith("query"):
            scale = (3 * self.head_dim) ** -0.5  # three kinds of scores are added
            kernel, bias = kernel * scale, bias * scale
        x = kernels.dense(x, kernel, bias)
        shape = (ops.shape(x)[0], ops.shape(x)[1], self.num_heads, self.head_dim)
        return ops.transpose(ops.reshape(x, shape), (0, 2, 1, 3))


def _skewed(x: tf.Tensor) -> tf.Tensor:
    """Return `y[..., i, j] = x[..., i, j + seq - 1 - i]`: `[…, seq, 2 seq - 1]` to `[…, seq, seq]`.

    Each row is shifted by one more than the next, by a reshape (Dai et al. 2019, appendix B).
    """
    batch, heads, length = tf.shape(x)[0], x.shape[1], x.shape[2] or tf.shape(x)[2]
    x = tf.pad(x, [[0, 0], [0, 0], [0, 0], [0, 1]])
    x = tf.reshape(x, [batch, heads, 2 * length * length])
    x = x[:, :, length - 1 : length - 1 + length * (2 * length - 1)]
    return tf.reshape(x, [batch, heads, length, 2 * length - 1])[:, :, :, :length]

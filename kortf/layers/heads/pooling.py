"""One vector a row from one vector a token."""

import numpy as np
import tensorflow as tf

POOLINGS = ("cls", "mean", "max")


def pool(outputs: dict, padding_mask: tf.Tensor, pooling: str) -> tf.Tensor:
    """Pool an encoder's outputs; padding never counts.

    Args:
        outputs: `{"sequence": [batch, seq, dim], "pooled": [batch, dim]}`.
        padding_mask: `[batch, seq]`, bool or int, true where a token is; for `mean` also float,
            the weight of each token.
        pooling: `cls` (the encoder's `pooled`), `mean` or `max` over the tokens.

    Returns:
        `[batch, dim]`.
    """
    if pooling == "cls":
        return outputs["pooled"]
    x = outputs["sequence"]
    if pooling == "mean" and padding_mask.dtype.is_floating:
        return tf.cast(_weighted_mean(tf.cast(x, tf.float32), padding_mask), x.dtype)
    mask = tf.cast(padding_mask, tf.bool)[:, :, None]
    if pooling == "max":
        return tf.reduce_max(tf.where(mask, x, x.dtype.min), axis=1)
    total = tf.reduce_sum(tf.where(mask, tf.cast(x, tf.float32), 0.0), axis=1)
    count = tf.reduce_sum(tf.cast(mask, tf.float32), axis=1)
    return tf.cast(total / tf.maximum(count, 1.0), x.dtype)


def token_weights(weights: np.ndarray, features: dict[str, tf.Tensor]) -> tf.Tensor:
    """Return the weight of each token, 0 for padding: float32 `[batch, seq]`.

    Args:
        weights: Weight of each piece, float32 `[pieces]`.
        features: `token_ids` and `padding_mask`, `[batch, seq]`.
    """
    found = tf.gather(tf.constant(weights), features["token_ids"])
    return found * tf.cast(features["padding_mask"], tf.float32)


def _weighted_mean(x: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    """Return the mean of token vectors; 0 where no token has a weight."""
    total = tf.linalg.matvec(x, weights, transpose_a=True)  # (batch, dim)
    return total / tf.maximum(tf.reduce_sum(weights, axis=1, keepdims=True), 1e-9)

"""One vector a row from one vector a token."""

import tensorflow as tf

POOLINGS = ("cls", "mean", "max")


def pool(outputs: dict, padding_mask: tf.Tensor, pooling: str) -> tf.Tensor:
    """Pool an encoder's outputs; padding never counts.

    Args:
        outputs: `{"sequence": [batch, seq, dim], "pooled": [batch, dim]}`.
        padding_mask: `[batch, seq]`, bool or int, true where a token is.
        pooling: `cls` (the encoder's `pooled`), `mean` or `max` over the tokens.

    Returns:
        `[batch, dim]`.
    """
    if pooling == "cls":
        return outputs["pooled"]
    x = outputs["sequence"]
    mask = tf.cast(padding_mask, tf.bool)[:, :, None]
    if pooling == "max":
        return tf.reduce_max(tf.where(mask, x, x.dtype.min), axis=1)
    total = tf.reduce_sum(tf.where(mask, tf.cast(x, tf.float32), 0.0), axis=1)
    count = tf.reduce_sum(tf.cast(mask, tf.float32), axis=1)
    return tf.cast(total / tf.maximum(count, 1.0), x.dtype)

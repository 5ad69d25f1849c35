"""Slow, readable attention: one softmax over the keys that a mask leaves."""

import tensorflow as tf


def masked_attention(query, key, value, visible):
    """Attend where `visible` `[batch, queries, keys]` is true.

    Args:
        query: `[batch, heads, seq, head_dim]`, already scaled.
        key: Like `query`.
        value: Like `query`.
        visible: bool `[batch, seq, seq]`.

    Returns:
        `[batch, heads, seq, head_dim]`.
    """
    scores = tf.einsum("bhqd,bhkd->bhqk", query, key)
    scores = tf.where(visible[:, None], scores, -1e9)
    return tf.einsum("bhqk,bhkd->bhqd", tf.nn.softmax(scores), value)

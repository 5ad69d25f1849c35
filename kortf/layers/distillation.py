"""Distances between a student and its teacher, as functions of tensors.

A distance is 0 where both are equal. The caller decides which rows and tokens count.
"""

import tensorflow as tf


def soft_labels(logits: tf.Tensor, temperature: float) -> tf.Tensor:
    """Return `softmax(logits / temperature)` over the last axis, float32."""
    return tf.nn.softmax(tf.cast(logits, tf.float32) / temperature)


def soft_label_loss(logits: tf.Tensor, labels: tf.Tensor, temperature: float) -> tf.Tensor:
    """Return the divergence of a teacher's soft labels from the student (Hinton et al. 2015).

    It is `temperature**2 * KL(labels || softmax(logits / temperature))`: the factor keeps the size
    of the gradient.

    Example: `labels` 0.9 and 0.1, and a student that gives 0.5 to both
        >>> round(float(soft_label_loss([0.0, 0.0], [0.9, 0.1], 1.0)), 3)
        0.368

    Args:
        logits: Student's logits, `[…, classes]`.
        labels: Teacher's probabilities at this temperature, `[…, classes]`.
        temperature: Temperature of both.

    Returns:
        float32 `[…]`, nats.
    """
    log_p = tf.nn.log_softmax(tf.cast(logits, tf.float32) / temperature)
    return temperature**2 * divergence(labels, log_p)


def divergence(labels: tf.Tensor, log_p: tf.Tensor) -> tf.Tensor:
    """Return `KL(labels || exp(log_p))` over the last axis, nats."""
    labels = tf.cast(labels, tf.float32)
    return tf.reduce_sum(tf.math.xlogy(labels, labels) - labels * log_p, axis=-1)


def hidden_distance(hidden: tf.Tensor, teacher: tf.Tensor) -> tf.Tensor:
    """Return the mean squared difference of vectors (Jiao et al. 2020, TinyBERT, equation 8).

    Args:
        hidden: Student's vectors `[batch, seq, dim]`.
        teacher: Teacher's vectors of the same shape.

    Returns:
        float32 `[batch, seq]`.
    """
    difference = tf.cast(hidden, tf.float32) - tf.cast(teacher, tf.float32)
    return tf.reduce_mean(tf.square(difference), axis=-1)


def cosine_distance(hidden: tf.Tensor, teacher: tf.Tensor) -> tf.Tensor:
    """Return 1 minus the cosine of vectors (Sanh et al. 2019, DistilBERT).

    Args:
        hidden: Student's vectors `[batch, seq, dim]`.
        teacher: Teacher's vectors of the same shape.

    Returns:
        float32 `[batch, seq]`.
    """
    first, second = (
        tf.math.l2_normalize(tf.cast(x, tf.float32), axis=-1, epsilon=1e-12)
        for x in (hidden, teacher)
    )
    return 1.0 - tf.reduce_sum(first * second, axis=-1)


def attention_distance(scores: tf.Tensor, teacher: tf.Tensor, seen: tf.Tensor) -> tf.Tensor:
    """Return the mean squared difference of attention scores (Jiao et al. 2020, equation 7).

    Scores are those before the softmax. Hidden keys do not count.

    Args:
        scores: Student's scores `[batch, heads, seq, seq]`.
        teacher: Teacher's scores of the same shape.
        seen: bool, broadcastable to `[batch, heads, seq, seq]`: the keys that a query sees.

    Returns:
        float32 `[batch, seq]`, by query.
    """
    difference = tf.cast(scores, tf.float32) - tf.cast(teacher, tf.float32)
    real = tf.cast(tf.broadcast_to(seen, tf.shape(difference)), tf.float32)
    total = tf.reduce_sum(tf.square(difference) * real, axis=[1, 3])
    return total / tf.maximum(tf.reduce_sum(real, axis=[1, 3]), 1.0)


def relation_divergence(
    vectors: tf.Tensor, teacher: tf.Tensor, bias: tf.Tensor, heads: int
) -> tf.Tensor:
    """Return the divergence of self-attention relations (Wang et al. 2021, MiniLMv2).

    The relation of queries, keys or values is `softmax(A A^T / sqrt(dim of a head))`, `A` the
    vectors of all heads, divided anew into relation heads. So the two models may differ in the
    number of heads and in size.

    Args:
        vectors: Student's queries, keys or values `[batch, heads, seq, head_dim]`.
        teacher: The teacher's.
        bias: Bias that hides keys, broadcastable to `[batch, heads, seq, seq]`.
        heads: Number of relation heads, which divides both sizes.

    Returns:
        float32 `[batch, seq]`, by query: the mean over the relation heads, nats.
    """
    student = tf.nn.log_softmax(_relations(vectors, heads) + bias)
    target = tf.nn.softmax(_relations(teacher, heads) + bias)
    return tf.reduce_mean(divergence(target, student), axis=1)


def _relations(vectors: tf.Tensor, heads: int) -> tf.Tensor:
    """Return scaled products of vectors, `[batch, heads, seq, seq]`."""
    vectors = tf.cast(vectors, tf.float32)
    size = vectors.shape[1] * vectors.shape[3]
    shape = tf.shape(vectors)
    vectors = tf.transpose(vectors, [0, 2, 1, 3])  # [batch, seq, heads, head_dim]
    vectors = tf.reshape(vectors, [shape[0], shape[2], heads, size // heads])
    vectors = tf.transpose(vectors, [0, 2, 1, 3])  # [batch, relation heads, seq, size / heads]
    return tf.matmul(vectors, vectors, transpose_b=True) * (size // heads) ** -0.5

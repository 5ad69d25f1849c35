"""Limits of sampling: the best tokens by number or by probability."""

import tensorflow as tf


def filtered(
    logits: tf.Tensor, top_k: int | tf.Tensor = 0, top_p: float | tf.Tensor = 1.0
) -> tf.Tensor:
    """Return the scores with minus infinity where a token must not be drawn.

    First the best `top_k` tokens remain (Fan et al. 2018), then of these the fewest that hold the
    share `top_p` of the probability (Holtzman et al. 2020); the best one always does.

    Example: probabilities 0.5, 0.3, 0.2
        >>> tf.nn.softmax(filtered(tf.math.log([[0.5, 0.3, 0.2]]), top_k=2))
        [[0.625, 0.375, 0.0]]
        >>> tf.nn.softmax(filtered(tf.math.log([[0.5, 0.3, 0.2]]), top_p=0.4))
        [[1.0, 0.0, 0.0]]

    Args:
        logits: float32 `[rows, classes]`.
        top_k: Number of tokens; the number 0 keeps all. A tensor must be at least 1.
        top_p: Share in (0, 1]; the number 1 keeps all.

    Returns:
        float32 `[rows, classes]`.
    """
    never = -float("inf")
    classes = logits.shape[-1]
    if tf.is_tensor(top_k):
        ordered = tf.math.top_k(logits, classes).values
        least = tf.gather(ordered, tf.clip_by_value(top_k, 1, classes) - 1, axis=1)[:, None]
        logits = tf.where(logits < least, never, logits)
    elif top_k and top_k < classes:
        least = tf.math.top_k(logits, top_k).values[:, -1:]
        logits = tf.where(logits < least, never, logits)
    if tf.is_tensor(top_p) or top_p < 1:
        ordered = tf.math.top_k(logits, classes).values
        share = tf.cumsum(tf.nn.softmax(ordered), axis=-1, exclusive=True)  # of the better ones
        least = tf.reduce_min(tf.where(share < top_p, ordered, float("inf")), axis=-1)
        logits = tf.where(logits < least[:, None], never, logits)
    return logits

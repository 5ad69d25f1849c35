"""The rounds of hashing put together."""

import tensorflow as tf


def round_weights(normalisers: tf.Tensor) -> tf.Tensor:
    """Return the share of each round in the attention of each position.

    Example: in the second round the keys weigh three times as much as in the first
        >>> round_weights([[[0.0, 1.0986]]])
        [[[0.25, 0.75]]]

    Args:
        normalisers: float32 `[batch, seq, rounds]`, log of the sum of the exponentiated scores.

    Returns:
        float32 `[batch, seq, rounds]`.
    """
    return tf.nn.softmax(tf.convert_to_tensor(normalisers))


def combine_rounds(outputs: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    """Return the attention over the keys of all rounds (Kitaev et al. 2020, appendix A).

    Example:
        >>> combine_rounds([[[[8.0], [4.0]]]], [[[0.25, 0.75]]])
        [[[5.0]]]

    Args:
        outputs: Outputs of each round by itself, `[batch, seq, rounds, dim]`.
        weights: Weights from `round_weights`.

    Returns:
        `[batch, seq, dim]`, in the dtype of `outputs`.
    """
    outputs = tf.convert_to_tensor(outputs)
    weights = tf.convert_to_tensor(weights)
    total = tf.reduce_sum(tf.cast(outputs, tf.float32) * weights[..., None], axis=2)
    return tf.cast(total, outputs.dtype)

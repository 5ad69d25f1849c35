"""Loss and accuracy of a vocabulary head at masked positions."""

import tensorflow as tf

from kortf.objectives.objective import Scores


def masked_scores(
    found: tuple[tf.Tensor, tf.Tensor], features: dict, name: str, weight: float = 1.0
) -> Scores:
    """Cross-entropy and accuracy at the hidden places, and how much was hidden.

    Args:
        found: Cross-entropy in nats and whether the prediction was right, each float32
            `[batch * max_masked]`.
        features: With `mask_ids`, `mask_weights` and `mask_candidates`.
        name: Name of the loss.
        weight: Weight of the loss.

    Returns:
        The loss `name`; the metrics `<name>_loss`, `masked_accuracy` and `masked_share`, the share
        of the tokens that were to be predicted among those that might have been.
    """
    total, correct, count = weighted_sums(found, features)
    candidates = tf.cast(tf.reduce_sum(features["mask_candidates"]), tf.float32)
    return Scores(
        losses={name: weight * total},
        metrics={
            f"{name}_loss": (total, count),
            "masked_accuracy": (correct, count),
            "masked_share": (count, candidates),
        },
    )


def weighted_sums(
    found: tuple[tf.Tensor, tf.Tensor], features: dict
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Sum over the hidden places of a batch.

    Args:
        found: Cross-entropy in nats and whether the prediction was right, each float32
            `[batch * max_masked]`.
        features: With `mask_weights`.

    Returns:
        Scalars `(loss, correct, count)`: cross-entropy in nats, right predictions, places.
    """
    weights = tf.reshape(features["mask_weights"], [-1])  # (batch * max_masked)
    loss, correct = found
    return tf.reduce_sum(loss * weights), tf.reduce_sum(correct * weights), tf.reduce_sum(weights)


def masked_weight(features: dict) -> tf.Tensor:
    """Number of hidden places, a scalar: what the loss is divided by."""
    return tf.reduce_sum(features["mask_weights"])

"""How well a vocabulary head predicts what was hidden."""

import tensorflow as tf

from kortf.layers import fused
from kortf.layers.heads import gather_positions
from kortf.objectives.objective import Scores


def masked_logits(head, sequence: tf.Tensor, features: dict) -> tf.Tensor:
    """The vocabulary's scores at the hidden places.

    Args:
        head: a `MaskedLMHead`.
        sequence: `[batch, seq, dim]`.
        features: with `mask_positions`.

    Returns:
        `[batch * max_masked, vocabulary_size]`.
    """
    return head(gather_positions(sequence, features["mask_positions"]))


def masked_scores(logits: tf.Tensor, features: dict, name: str, weight: float = 1.0) -> Scores:
    """Cross-entropy and accuracy at the hidden places, and how much was hidden.

    Args:
        logits: `[batch * max_masked, vocabulary_size]`.
        features: with `mask_ids`, `mask_weights` and `mask_candidates`.
        name: of the loss.
        weight: of the loss.

    Returns:
        The loss `name`; the metrics `<name>_loss`, `masked_accuracy` and `masked_share`, the share
        of the tokens that were to be predicted among those that might have been.
    """
    total, correct, count = weighted_sums(logits, features)
    candidates = tf.cast(tf.reduce_sum(features["mask_candidates"]), tf.float32)
    return Scores(
        losses={name: weight * total},
        metrics={
            f"{name}_loss": (total, count),
            "masked_accuracy": (correct, count),
            "masked_share": (count, candidates),
        },
    )


def weighted_sums(logits: tf.Tensor, features: dict) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Sums over the hidden places of a batch.

    Args:
        logits: `[batch * max_masked, vocabulary_size]`.
        features: with `mask_ids` and `mask_weights`.

    Returns:
        Scalars `(loss, correct, count)`: cross-entropy in nats, right predictions, places.
    """
    labels = tf.reshape(features["mask_ids"], [-1])  # (batch * max_masked)
    weights = tf.reshape(features["mask_weights"], [-1])
    loss, correct = fused.cross_entropy(logits, labels)
    return tf.reduce_sum(loss * weights), tf.reduce_sum(correct * weights), tf.reduce_sum(weights)


def masked_weight(features: dict) -> tf.Tensor:
    """Number of hidden places, a scalar: what the loss is divided by."""
    return tf.reduce_sum(features["mask_weights"])

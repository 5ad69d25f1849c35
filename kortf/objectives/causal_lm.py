"""Causal language modelling (Radford et al. 2018): each piece from those before it."""

import tensorflow as tf
from keras import ops

from kortf.layers.heads.heads import CausalLMHead, VocabularyLoss
from kortf.objectives.objective import Objective, Scores
from kortf.ranges import Count, NonNegative


def following(token_ids: tf.Tensor, pack_ids: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the id after each place, and whether it belongs to the same packed example.

    Example:
        >>> following([[2, 11, 3, 2, 12, 3, 0]], [[1, 1, 1, 2, 2, 2, 0]])
        [[11, 3, 2, 12, 3, 0, 0]], [[1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0]]

    Args:
        token_ids: int32 `[batch, seq]`.
        pack_ids: int32 `[batch, seq]`, 1… the packed example, 0 padding.

    Returns:
        `(next_ids, next_weights)`, int32 and float32 `[batch, seq]`.
    """
    next_ids, next_packs = (tf.pad(x[:, 1:], [[0, 0], [0, 1]]) for x in (token_ids, pack_ids))
    same = (next_packs == pack_ids) & (next_packs > 0)
    return next_ids, tf.cast(same, tf.float32)


class CausalLM(Objective):
    """Predict the next piece everywhere; an example begins with [CLS] and ends with [SEP].

    Args:
        weight: Weight of the loss.
        chunks: Parts in which the pieces are scored, to save memory; None for as many as their
            number asks for.
    """

    provides = ("next_ids", "next_weights")
    visibility = "causal"
    metrics = ("causal_lm_loss", "causal_lm_accuracy")

    def __init__(self, weight: NonNegative = 1.0, chunks: Count | None = None):
        super().__init__()
        self.weight = weight
        self.chunks = chunks

    def build(self, encoder, dtype=None) -> None:
        self.check(encoder)
        self.heads = [CausalLMHead.over(encoder, dtype)]
        self._loss = VocabularyLoss(self.heads[0], self.chunks)

    def corrupt(self, features: dict, vocabulary) -> dict:
        packs = features.get("pack_ids")
        if packs is None:  # a pair is one text
            packs = tf.cast(features["padding_mask"], tf.int32)
        next_ids, next_weights = following(features["token_ids"], packs)
        return {**features, "next_ids": next_ids, "next_weights": next_weights}

    def weights(self, features: dict) -> dict[str, tf.Tensor]:
        return {"causal_lm": tf.reduce_sum(features["next_weights"])}

    def score(self, outputs: dict, features: dict, seed: tf.Tensor | None) -> Scores:
        x = outputs["sequence"]
        x = ops.reshape(x, (-1, x.shape[-1]))  # (batch * seq, dim)
        loss, correct = self._loss(x, tf.reshape(features["next_ids"], [-1]))
        weights = tf.reshape(features["next_weights"], [-1])
        total, count = tf.reduce_sum(loss * weights), tf.reduce_sum(weights)
        return Scores(
            losses={"causal_lm": self.weight * total},
            metrics={
                "causal_lm_loss": (total, count),
                "causal_lm_accuracy": (tf.reduce_sum(correct * weights), count),
            },
        )

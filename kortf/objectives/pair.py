"""Base of next sentence and sentence order prediction: a two-way head on `pooled`."""

import abc

import keras
import tensorflow as tf

from kortf.layers import kernels as kernels
from kortf.layers.embeddings import initializer
from kortf.objectives.objective import Objective, Scores
from kortf.ranges import NonNegative


class PairObjective(Objective, abc.ABC):
    """Classify a pair of segments; a subclass names the `pairing` of its records.

    Args:
        weight: Weight of the loss.
    """

    requires = ("token_ids", "padding_mask", "segment_ids", "pair_label")

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        cls.metrics = (f"{cls.pairing}_loss", f"{cls.pairing}_accuracy")

    def __init__(self, weight: NonNegative = 1.0):
        super().__init__()
        self.weight = weight

    def build(self, encoder, dtype=None) -> None:
        head = keras.layers.Dense(
            2,
            kernel_initializer=initializer(encoder.settings["init_scale"]),
            name=self.pairing,
            dtype=dtype,
        )
        head.build((None, encoder.hidden_dim))
        self.heads = [head]

    def weights(self, features: dict) -> dict[str, tf.Tensor]:
        return {self.pairing: tf.cast(tf.size(features["pair_label"]), tf.float32)}

    def score(self, outputs: dict, features: dict, seed: tf.Tensor | None) -> Scores:
        loss, correct = kernels.cross_entropy(
            self.heads[0](outputs["pooled"]), features["pair_label"]
        )
        total, count = tf.reduce_sum(loss), tf.cast(tf.size(loss), tf.float32)
        return Scores(
            losses={self.pairing: self.weight * total},
            metrics={
                f"{self.pairing}_loss": (total, count),
                f"{self.pairing}_accuracy": (tf.reduce_sum(correct), count),
            },
        )

"""The program that fine-tuning trains: an encoder under a task."""

import math

import tensorflow as tf

from kortf.errors import InputError
from kortf.objectives.objective import Scores
from kortf.tasks.task import Task
from kortf.train.optim.variables import named_variables


class Finetuning:
    """An encoder under a task.

    Args:
        encoder: a `kortf.models.Encoder`.
        task: with its head built.
        label_smoothing: share of each label that is spread over all classes, in [0, 1).
        r_drop: weight of R-Drop (Liang et al. 2021): each row is read twice, with different
            dropout, the loss is the mean of both plus this times how far the two are apart; 0 reads
            it once.

    Raises:
        InputError: an option is out of its range, or the task's loss cannot say it.
    """

    def __init__(self, encoder, task: Task, label_smoothing: float = 0.0, r_drop: float = 0.0):
        if not 0 <= label_smoothing < 1:
            raise InputError(
                f"config.label_smoothing={label_smoothing}",
                "what a label leaves to all classes is a share of it, below 1",
                "choose 0.1, or 0.0 for none",
            )
        if label_smoothing and task.not_smoothed:
            raise InputError(
                f"config.label_smoothing={label_smoothing}", task.not_smoothed, "choose 0.0"
            )
        if not 0 <= r_drop < math.inf:
            raise InputError(
                f"config.r_drop={r_drop}",
                "the weight of a divergence is a number from 0 on",
                "choose 1.0 to 5.0, or 0.0 for none",
            )
        self.encoder = encoder
        self.task = task
        self.label_smoothing = label_smoothing
        self.r_drop = r_drop

    def variables(self) -> dict[str, tf.Variable]:
        """Trainable variables by name."""
        return named_variables([self.encoder, self.task.head])

    def weights(self, features: dict) -> dict[str, tf.Tensor]:
        """Number of real rows."""
        return {"task": tf.reduce_sum(features["weights"])}

    def score(self, features: dict, seed: tf.Tensor | None) -> Scores:
        """One pass through encoder and head."""
        if self.r_drop and seed is not None:
            return self._score_twice(features, seed)
        loss, weights = self._loss(self._predict(features, seed), features), features["weights"]
        loss = tf.reduce_sum(loss * weights)
        return Scores({"task": loss}, {"task_loss": (loss, tf.reduce_sum(weights))})

    def _score_twice(self, features: dict, seed: tf.Tensor) -> Scores:
        # One pass over each row and its twin: dropout goes by the place in the batch.
        twins = {name: tf.concat([value, value], axis=0) for name, value in features.items()}
        both = self._predict(twins, seed)
        loss, weights = self._loss(both, twins), features["weights"]
        loss = 0.5 * tf.reduce_sum(loss * twins["weights"])
        apart = self.task.divergence(*tf.split(both, 2), features["labels"])
        apart, number = tf.reduce_sum(apart * weights), tf.reduce_sum(weights)
        metrics = {"task_loss": (loss, number), "divergence": (apart, number)}
        return Scores({"task": loss + self.r_drop * apart}, metrics)

    def _predict(self, features: dict, seed: tf.Tensor | None) -> tf.Tensor:
        seeds = [None, None] if seed is None else [seed, seed + 1]
        return self.task.predict(self.encoder(features, seed=seeds[0]), features, seeds[1])

    def _loss(self, scores: tf.Tensor, features: dict) -> tf.Tensor:
        if self.label_smoothing:
            return self.task.smoothed_loss(scores, features["labels"], self.label_smoothing)
        return self.task.loss(scores, features["labels"])

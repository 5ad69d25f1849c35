"""The program that fine-tuning trains: an encoder under a task."""

import tensorflow as tf

from kortf.objectives.objective import Scores
from kortf.tasks.task import Task
from kortf.train.variables import named_variables


class Finetuning:
    """An encoder under a task.

    Args:
        encoder: a `kortf.models.Encoder`.
        task: with its head built.
    """

    def __init__(self, encoder, task: Task):
        self.encoder = encoder
        self.task = task

    def variables(self) -> dict[str, tf.Variable]:
        """Trainable variables by name."""
        return named_variables([self.encoder, self.task.head])

    def weights(self, features: dict) -> dict[str, tf.Tensor]:
        """Number of real rows."""
        return {"task": tf.reduce_sum(features["weights"])}

    def score(self, features: dict, seed: tf.Tensor | None) -> Scores:
        """One pass through encoder and head."""
        seeds = [None, None] if seed is None else [seed, seed + 1]
        outputs = self.encoder(features, seed=seeds[0])
        scores = self.task.predict(outputs, features, seeds[1])
        loss = tf.reduce_sum(self.task.loss(scores, features["labels"]) * features["weights"])
        return Scores({"task": loss}, {"task_loss": (loss, tf.reduce_sum(features["weights"]))})

"""Training program of fine-tuning: an encoder with the head of a task."""

import tensorflow as tf

from kortf.errors import InputError
from kortf.objectives.objective import Scores
from kortf.tasks.task import Task
from kortf.train.optim.freeze import NOTHING, Freeze
from kortf.train.optim.variables import named_variables


class Finetuning:
    """An encoder with the head of a task.

    Args:
        encoder: A `kortf.models.Encoder`.
        task: Task with its head built.
        label_smoothing: Share of each label that is spread over all classes, in [0, 1).
        r_drop: Weight α of R-Drop (Liang et al. 2021, equations 2 to 4): each row is read twice
            with different dropout. The loss is half of the paper's, `-log P1 - log P2 + α * ½
            [KL(P1, P2) + KL(P2, P1)]`, so that it stays a mean over reads. 0 reads each row once.
        freeze: Weights of the encoder that training leaves as they are.

    Attributes:
        reads: Number of times that a step reads each row.

    Raises:
        InputError: The task's loss does not support label smoothing.
    """

    def __init__(
        self,
        encoder,
        task: Task,
        label_smoothing: float = 0.0,
        r_drop: float = 0.0,
        freeze: Freeze = NOTHING,
    ):
        if label_smoothing and task.not_smoothed:
            raise InputError(
                f"config.label_smoothing={label_smoothing}", task.not_smoothed, "choose 0.0"
            )
        self.encoder = encoder
        self.task = task
        self.label_smoothing = label_smoothing
        self.r_drop = r_drop
        self.reads = 2 if r_drop else 1
        self.frozen = freeze.names(named_variables([encoder]), encoder)

    def variables(self) -> dict[str, tf.Variable]:
        """Return the variables by name, frozen ones included."""
        return named_variables([self.encoder, self.task.head])

    def trained(self) -> dict[str, tf.Variable]:
        """Return the variables that training changes, by name."""
        return {name: v for name, v in self.variables().items() if name not in self.frozen}

    def weights(self, features: dict) -> dict[str, tf.Tensor]:
        """Number of rows that are not padding."""
        return {"task": tf.reduce_sum(features["weights"])}

    def score(self, features: dict, seed: tf.Tensor | None) -> Scores:
        """Compute the loss of a batch in one pass, or in two with R-Drop."""
        if self.r_drop and seed is not None:
            return self._score_twice(features, seed)
        loss, weights = self._loss(self._predict(features, seed), features), features["weights"]
        loss = tf.reduce_sum(loss * weights)
        return Scores({"task": loss}, {"task_loss": (loss, tf.reduce_sum(weights))})

    def _score_twice(self, features: dict, seed: tf.Tensor) -> Scores:
        # One pass over each row and its twin: dropout depends on the place in the batch.
        twins = {name: tf.concat([value, value], axis=0) for name, value in features.items()}
        both = self._predict(twins, seed)
        loss, weights = self._loss(both, twins), features["weights"]
        loss = 0.5 * tf.reduce_sum(loss * twins["weights"])
        apart = self.task.divergence(*tf.split(both, 2), features["labels"])
        apart, number = tf.reduce_sum(apart * weights), tf.reduce_sum(weights)
        metrics = {"task_loss": (loss, number), "divergence": (apart, number)}
        return Scores({"task": loss + 0.5 * self.r_drop * apart}, metrics)

    def _predict(self, features: dict, seed: tf.Tensor | None) -> tf.Tensor:
        seeds = [None, None] if seed is None else [seed, seed + 1]
        outputs = self.encoder(self.task.encoder_features(features), seed=seeds[0])
        return self.task.predict(outputs, features, seeds[1])

    def _loss(self, scores: tf.Tensor, features: dict) -> tf.Tensor:
        if self.label_smoothing:
            return self.task.smoothed_loss(scores, features["labels"], self.label_smoothing)
        return self.task.loss(scores, features["labels"])

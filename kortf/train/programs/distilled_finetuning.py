"""Training program of a fine-tuning with a teacher."""

import tensorflow as tf

from kortf.layers import taps
from kortf.objectives.objective import Scores
from kortf.tasks.task import Task
from kortf.train.distillation.inside import Inside
from kortf.train.distillation.teacher import Teacher
from kortf.train.optim.freeze import NOTHING, Freeze
from kortf.train.optim.variables import named_variables
from kortf.train.programs.finetuning import Finetuning


class DistilledFinetuning(Finetuning):
    """An encoder with the head of a task, that learns from gold labels and from a teacher.

    The teacher reads each batch in the same step, without dropout. Its soft labels are those of
    Hinton et al. (2015); of a conditional random field, the marginals.

    Args:
        encoder: Encoder of the student.
        task: Task with its head built.
        teacher: The teacher.
        options: `config.distillation`: `temperature`, `weight`, `hidden`, `attention`, `layers`.
        label_smoothing: As in `Finetuning`, for the gold labels.
        freeze: Weights of the encoder that training leaves as they are.

    Raises:
        InputError: The encoders cannot be compared as the options ask for.
    """

    def __init__(
        self,
        encoder,
        task: Task,
        teacher: Teacher,
        options: dict,
        label_smoothing: float = 0.0,
        freeze: Freeze = NOTHING,
    ):
        super().__init__(encoder, task, label_smoothing, freeze=freeze)
        self.teacher = teacher
        self.temperature = options["temperature"]
        inside = {name: options[name] for name in ("hidden", "attention")}
        self._inside = Inside(encoder, teacher.encoder, inside, options["layers"])
        soft = options["weight"]
        self._factors = {"task": 1.0 - soft, "soft_labels": soft, **self._inside.weights}

    def variables(self) -> dict[str, tf.Variable]:
        """Return the variables of the student by name, and those that compare it."""
        return named_variables([self.encoder, self.task.head, *self._inside.layers])

    def weights(self, features: dict) -> dict[str, tf.Tensor]:
        """Return the number of rows that are not padding, for each loss."""
        return dict.fromkeys(self._factors, tf.reduce_sum(features["weights"]))

    def score(self, features: dict, seed: tf.Tensor | None) -> Scores:
        """Compute the losses of a batch: gold labels, soft labels, and what the options add."""
        if seed is None:
            return super().score(features, None)
        with taps.collecting() as ours:
            scores = self._predict(features, seed)
        read, teacher = self.teacher.features(features), self.teacher.task
        inputs = teacher.encoder_features(read)
        with taps.collecting() as theirs:
            outputs = self.teacher.encoder(inputs)
        soft = teacher.soft_labels(
            teacher.predict(outputs, read), features["labels"], self.temperature
        )
        values = {
            "task": self._loss(scores, features),
            "soft_labels": self.task.soft_loss(
                scores, tf.stop_gradient(soft), features["labels"], self.temperature
            ),
        }
        mask = self.task.encoder_features(features)["padding_mask"]
        rows = tf.shape(features["weights"])[0]
        for name, value in self._inside.losses(ours, theirs, mask).items():
            # (rows * choices) -> (rows)
            values[name] = tf.reduce_mean(tf.reshape(value, [rows, -1]), axis=1)
        weights = features["weights"]
        number = tf.reduce_sum(weights)
        totals = {name: tf.reduce_sum(value * weights) for name, value in values.items()}
        losses = {name: self._factors[name] * total for name, total in totals.items()}
        return Scores(losses, {f"{name}_loss": (total, number) for name, total in totals.items()})

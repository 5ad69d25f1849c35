"""Classification of a text or a pair of texts."""

import abc
from collections.abc import Iterator, Sequence

import numpy as np
import tensorflow as tf

from kortf.errors import InputError
from kortf.layers import kernels as kernels
from kortf.layers.distillation import soft_label_loss, soft_labels
from kortf.layers.divergence import symmetric_divergence
from kortf.layers.label_smoothing import smoothed_cross_entropy
from kortf.metrics.classification import (
    accuracy,
    auc,
    calibration_error,
    macro_f1,
    scores_by_class,
)
from kortf.ranges import NonNegative
from kortf.tasks.kinds.text_task import TextTask
from kortf.tasks.readers.names import listed

BALANCED = "balanced"
_BY_CLASS = ("precision", "recall", "f1", "support")


def softmax(scores: np.ndarray) -> np.ndarray:
    """Return the softmax over the last axis, float64."""
    shifted = np.exp(scores.astype(np.float64) - scores.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


def _weights(value: str | Sequence[float] | None) -> list[float] | str | None:
    if not value or value == BALANCED:
        return value or None
    try:
        weights = [float(each) for each in listed(value)]
    except ValueError:
        weights = []
    if not any(weights) or not all(0 <= weight < np.inf for weight in weights):
        problem = "neither balanced nor numbers of at least 0, one of them above 0"
        cure = f"write {BALANCED}, or a number for each class"
        raise InputError(f"config.task.class_weights={value}", problem, cure)
    return weights


class ClassificationTask(TextTask, abc.ABC):
    """A task with classes; a subclass reads its files and names the classes.

    Args:
        class_weights: Weight of each class in the loss; a sequence, commas between, or `balanced`:
            examples over classes times examples of the class, as in scikit-learn. None weighs all
            the same.
        focal: Exponent of the focal loss (Lin et al. 2017), which multiplies the loss of a row by
            `(1 - p) ** focal`, `p` the probability of its class; 0 is the cross-entropy.
        settings: As in `TextTask`.

    Attributes:
        spellings: Spelling of each class in the published files; by default the class names.
    """

    kind = "classifier"
    main_metric = "accuracy"
    spellings: tuple[str, ...] = ()

    def __init__(
        self,
        class_weights: str | Sequence[float] | None = None,
        focal: NonNegative | None = None,
        **settings,
    ):
        super().__init__(**settings)
        self.class_weights = _weights(class_weights)
        self.focal = focal or 0.0

    @property
    @abc.abstractmethod
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, by number."""

    @property
    def outputs(self) -> int:
        return len(self.classes)

    def class_number(self, label: str, place: str) -> int:
        """Return the number of the class that a file spells as `label`.

        Raises:
            InputError: If there is no such class.
        """
        known = self.spellings or self.classes
        if label in known:
            return known.index(label)
        choice = f"{', '.join(known[:-1])} or {known[-1]}"
        raise InputError(place, f"label '{label}' is unknown", f"write {choice}")

    def targets(self, examples: Sequence[dict]) -> np.ndarray:
        return np.array([example["label"] for example in examples], dtype=np.int32)

    def adapt(self, examples: Sequence[dict]) -> None:
        number = len(self.classes)
        if self.class_weights == BALANCED:
            counts = np.bincount(self.targets(examples), minlength=number)
            weights = len(examples) / (number * np.maximum(counts, 1))
            self.class_weights = [round(float(weight), 6) for weight in weights]
        if self.class_weights and len(self.class_weights) != number:
            given = len(self.class_weights)
            problem = f"expected {number} weights, got {given}"
            cure = f"give one for each of {', '.join(self.classes)}"
            raise InputError("config.task.class_weights", problem, cure)

    def loss(self, scores: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        losses = kernels.cross_entropy(scores, labels)[0]
        if self.focal:
            losses *= tf.pow(1.0 - tf.exp(-losses), self.focal)
        return self._weighted(losses, labels)

    def smoothed_loss(self, scores: tf.Tensor, labels: tf.Tensor, smoothing: float) -> tf.Tensor:
        return self._weighted(smoothed_cross_entropy(scores, labels, smoothing), labels)

    def _weighted(self, losses: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        if not self.class_weights:
            return losses
        return losses * tf.gather(tf.constant(self.class_weights, tf.float32), labels)

    @property
    def not_smoothed(self) -> str:
        return "the focal loss has no smoothed form" if self.focal else ""

    def divergence(self, scores: tf.Tensor, others: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        del labels
        return symmetric_divergence(scores, others)

    not_distilled = ""

    def soft_labels(self, scores: tf.Tensor, labels: tf.Tensor, temperature: float) -> tf.Tensor:
        del labels
        return soft_labels(scores, temperature)

    def soft_loss(
        self, scores: tf.Tensor, soft: tf.Tensor, labels: tf.Tensor, temperature: float
    ) -> tf.Tensor:
        del labels  # neither class weights nor the focal exponent apply to soft labels
        return soft_label_loss(scores, soft, temperature)

    def score(self, found: dict[str, np.ndarray], examples: Sequence[dict]) -> dict[str, float]:
        scores = found["scores"]
        predicted, gold = scores.argmax(axis=-1), self.targets(examples)
        result = {
            "accuracy": accuracy(predicted, gold),
            "macro_f1": macro_f1(predicted, gold, len(self.classes)),
        }
        if len(self.classes) == 2 and len(set(gold.tolist())) == 2:
            result["auc"] = auc(scores[:, 1] - scores[:, 0], gold)
        return result

    @property
    def answer_names(self) -> dict[str, Sequence[str]]:
        return {"label": self.classes}

    def numeric_answers(self, found: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        probabilities = tf.nn.softmax(found["scores"])
        return {
            "label": tf.argmax(probabilities, axis=-1, output_type=tf.int32),
            "score": tf.reduce_max(probabilities, axis=-1),
            "probabilities": probabilities,
        }

    def rows_of_answers(
        self, found: dict[str, np.ndarray], examples: Sequence[dict]
    ) -> Iterator[dict]:
        probabilities = softmax(found["scores"])
        targets, best = self.targets(examples), found["scores"].argmax(axis=-1)
        for i, example in enumerate(examples):
            yield {
                **{name: example[name] for name in self.text_fields},
                "gold": self.classes[targets[i]],
                "predicted": self.classes[best[i]],
                "score": round(float(probabilities[i, best[i]]), 6),
            }

    def label_counts(self, examples: Sequence[dict]) -> dict[str, int]:
        numbers = np.bincount(self.targets(examples), minlength=len(self.classes))
        return dict(zip(self.classes, numbers.tolist(), strict=True))

    def details(self, found: dict[str, np.ndarray], examples: Sequence[dict]) -> dict:
        scores, gold = found["scores"], self.targets(examples)
        measures = scores_by_class(scores.argmax(axis=-1), gold, len(self.classes))
        classes = {
            name: {key: round(measures[key][i].item(), 6) for key in _BY_CLASS}
            for i, name in enumerate(self.classes)
        }
        error = calibration_error(softmax(scores), gold)
        return {"by_class": classes, "calibration_error": round(error, 6)}

    def settings(self) -> dict:
        own = {"class_weights": self.class_weights, "focal": self.focal}
        return super().settings() | {name: value for name, value in own.items() if value}

    def answers(self, scores: np.ndarray) -> list[str]:
        known = self.spellings or self.classes
        return [known[number] for number in scores.argmax(axis=-1)]

"""Classification of a text or a pair of texts."""

import abc
from collections.abc import Iterator, Sequence

import numpy as np
import tensorflow as tf

from kortf.errors import InputError
from kortf.layers import kernels as kernels
from kortf.layers.divergence import symmetric_divergence
from kortf.layers.label_smoothing import smoothed_cross_entropy
from kortf.metrics.classification import (
    accuracy,
    auc,
    calibration_error,
    macro_f1,
    scores_by_class,
)
from kortf.tasks.kinds.text_task import TextTask

_BY_CLASS = ("precision", "recall", "f1", "support")


def softmax(scores: np.ndarray) -> np.ndarray:
    """Return the softmax over the last axis, float64."""
    shifted = np.exp(scores.astype(np.float64) - scores.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


class ClassificationTask(TextTask, abc.ABC):
    """A task with classes; a subclass reads its files and names the classes.

    Args:
        settings: As in `TextTask`.

    Attributes:
        spellings: Spelling of each class in the published files; by default the class names.
    """

    kind = "classifier"
    main_metric = "accuracy"
    spellings: tuple[str, ...] = ()

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

    def loss(self, scores: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        return kernels.cross_entropy(scores, labels)[0]

    def smoothed_loss(self, scores: tf.Tensor, labels: tf.Tensor, smoothing: float) -> tf.Tensor:
        return smoothed_cross_entropy(scores, labels, smoothing)

    @property
    def not_smoothed(self) -> str:
        return ""

    def divergence(self, scores: tf.Tensor, others: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        del labels
        return symmetric_divergence(scores, others)

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

    def decode(self, found: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        probabilities = tf.nn.softmax(found["scores"])
        best = tf.argmax(probabilities, axis=-1, output_type=tf.int32)
        return {
            "label": tf.gather(tf.constant(self.classes), best),
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

    def answers(self, scores: np.ndarray) -> list[str]:
        known = self.spellings or self.classes
        return [known[number] for number in scores.argmax(axis=-1)]

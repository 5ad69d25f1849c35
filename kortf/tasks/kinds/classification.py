"""What tasks that sort a text, or a pair, into classes share."""

import abc
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from kortf.errors import InputError
from kortf.layers import kernels as kernels
from kortf.layers.divergence import symmetric_divergence
from kortf.layers.label_smoothing import smoothed_cross_entropy
from kortf.metrics.classification import accuracy, auc, macro_f1
from kortf.tasks.kinds.text_task import TextTask


class ClassificationTask(TextTask, abc.ABC):
    """A task with classes; a subclass reads its files and names them.

    Args:
        settings: as in `TextTask`.

    Attributes:
        spellings: of the classes in the published files, by number; their names if not given.
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
        """Number of the class that a file spells as `label`.

        Raises:
            InputError: there is no such class.
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

    def answers(self, scores: np.ndarray) -> list[str]:
        known = self.spellings or self.classes
        return [known[number] for number in scores.argmax(axis=-1)]

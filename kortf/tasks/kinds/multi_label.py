"""Multi-label classification: any number of labels for a text."""

import abc
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import tensorflow as tf

from kortf.metrics.classification import scores_by_class
from kortf.metrics.multi_label import multi_label_f1, ranking_precision
from kortf.tasks.kinds.text_task import TextTask

THRESHOLD = 0.5  # probability from which on a label is predicted


class MultiLabelTask(TextTask, abc.ABC):
    """A task with independent labels; a subclass reads its files and names the labels.

    An example is `{"text", "labels": [name, …]}`. The loss of a row is the binary cross-entropy of
    the labels, summed.

    Args:
        settings: As in `TextTask`.
    """

    kind = "multi_label"
    main_metric = "macro_f1"
    metrics = ("macro_f1", "micro_f1", "lrap")

    @property
    @abc.abstractmethod
    def classes(self) -> tuple[str, ...]:
        """Names of the labels, by number."""

    @property
    def outputs(self) -> int:
        return len(self.classes)

    def targets(self, examples: Sequence[dict]) -> np.ndarray:
        targets = np.zeros((len(examples), len(self.classes)), np.float32)
        numbers = {name: i for i, name in enumerate(self.classes)}
        for row, example in enumerate(examples):
            targets[row, [numbers[name] for name in example["labels"]]] = 1.0
        return targets

    def loss(self, scores: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        losses = tf.nn.sigmoid_cross_entropy_with_logits(labels, tf.cast(scores, tf.float32))
        return tf.reduce_sum(losses, axis=-1)

    def divergence(self, scores: tf.Tensor, others: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        del labels
        # KL(p, q) + KL(q, p) of two Bernoulli distributions is (p - q) * (logit p - logit q).
        apart = (tf.sigmoid(scores) - tf.sigmoid(others)) * (scores - others)
        return 0.5 * tf.reduce_sum(apart, axis=-1)

    not_distilled = ""

    def soft_labels(self, scores: tf.Tensor, labels: tf.Tensor, temperature: float) -> tf.Tensor:
        del labels
        return tf.sigmoid(tf.cast(scores, tf.float32) / temperature)

    def soft_loss(
        self, scores: tf.Tensor, soft: tf.Tensor, labels: tf.Tensor, temperature: float
    ) -> tf.Tensor:
        del labels
        scores = tf.cast(scores, tf.float32) / temperature
        crossed = tf.nn.sigmoid_cross_entropy_with_logits(soft, scores)
        entropy = -tf.math.xlogy(soft, soft) - tf.math.xlogy(1.0 - soft, 1.0 - soft)
        return temperature**2 * tf.reduce_sum(crossed - entropy, axis=-1)

    def chosen(self, scores: np.ndarray) -> list[list[str]]:
        """Return the names of the predicted labels of each row."""
        predicted = np.asarray(scores) > 0.0  # a probability above one half
        return [[self.classes[i] for i in np.flatnonzero(row)] for row in predicted]

    def score(self, found: dict[str, np.ndarray], examples: Sequence[dict]) -> dict[str, float]:
        scores, gold = found["scores"], self.targets(examples)
        return multi_label_f1(scores > 0.0, gold) | {"lrap": ranking_precision(scores, gold)}

    def details(self, found: dict[str, np.ndarray], examples: Sequence[dict]) -> dict:
        gold, ours = self.targets(examples) > 0, found["scores"] > 0.0
        by_class = {}
        for i, name in enumerate(self.classes):
            measures = scores_by_class(ours[:, i], gold[:, i], 2)
            by_class[name] = {
                key: round(measures[key][1].item(), 6)
                for key in ("precision", "recall", "f1", "support")
            }
        return {"by_class": by_class}

    def label_counts(self, examples: Sequence[dict]) -> dict[str, int]:
        return dict(Counter(name for row in examples for name in row["labels"]).most_common())

    def rows_of_answers(
        self, found: dict[str, np.ndarray], examples: Sequence[dict]
    ) -> Iterator[dict]:
        chosen = self.chosen(found["scores"])
        certainty = 1 / (1 + np.exp(-np.abs(found["scores"].astype(np.float64))))
        for i, example in enumerate(examples):
            texts = {name: example[name] for name in self.text_fields}
            score = round(float(certainty[i].min()), 6)
            yield texts | {"gold": example["labels"], "predicted": chosen[i], "score": score}

    @property
    def answer_names(self) -> dict[str, Sequence[str]]:
        return {"labels": ("", *self.classes)}

    def numeric_answers(self, found: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        probabilities = tf.sigmoid(found["scores"])
        numbers = tf.range(1, len(self.classes) + 1)
        chosen = tf.where(probabilities > THRESHOLD, numbers[None, :], 0)
        return {"labels": chosen, "probabilities": probabilities}

    def answers(self, scores: np.ndarray) -> list[str]:
        return [",".join(names) for names in self.chosen(scores)]

    def fields(self, example: dict, answer: str) -> Iterable[str]:
        return [*(example[name] for name in self.text_fields), answer]

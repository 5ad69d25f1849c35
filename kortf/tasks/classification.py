"""What tasks that sort a text into classes share."""

import abc
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from kortf.layers import fused, random
from kortf.layers.classifier import Classifier
from kortf.metrics.classification import accuracy, macro_f1
from kortf.tasks.task import Task


class ClassificationTask(Task, abc.ABC):
    """A task with a `Classifier`; a subclass reads its files and names its classes.

    Args:
        pooling: `cls`, `mean` or `max`.
        dropout: rate before the head's dense layer; the encoder's if None.
    """

    main_metric = "accuracy"

    def __init__(self, pooling: str = "cls", dropout: float | None = None):
        self.pooling = pooling
        self.dropout = dropout

    @property
    @abc.abstractmethod
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, by number."""

    def build(self, hidden_dim: int, init_scale: float, dropout: float, dtype=None) -> None:
        rate = dropout if self.dropout is None else self.dropout
        self.head = Classifier(
            len(self.classes), self.pooling, rate, init_scale, name="classifier", dtype=dtype
        )
        self.head.build(hidden_dim)

    def labels(self, examples: Sequence[dict]) -> np.ndarray:
        return np.array([example["label"] for example in examples], dtype=np.int32)

    def predict(self, outputs: dict, features: dict, seed: tf.Tensor | None = None) -> tf.Tensor:
        return self.head(outputs, features["padding_mask"], seed=random.split(seed, 1)[0])

    def loss(self, scores: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        return fused.cross_entropy(scores, labels)[0]

    def score(self, scores: np.ndarray, examples: Sequence[dict]) -> dict[str, float]:
        predicted, gold = scores.argmax(axis=-1), self.labels(examples)
        return {
            "accuracy": accuracy(predicted, gold),
            "macro_f1": macro_f1(predicted, gold, len(self.classes)),
        }

    def decode(self, scores: tf.Tensor) -> dict[str, tf.Tensor]:
        probabilities = tf.nn.softmax(scores)
        best = tf.argmax(probabilities, axis=-1, output_type=tf.int32)
        return {
            "label": tf.gather(tf.constant(self.classes), best),
            "score": tf.reduce_max(probabilities, axis=-1),
            "probabilities": probabilities,
        }

    def settings(self) -> dict:
        return {"pooling": self.pooling, "dropout": self.dropout}

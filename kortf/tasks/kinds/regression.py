"""Regression: a number for a text or a pair of texts."""

import abc
import math
import re
from collections.abc import Iterator, Sequence

import numpy as np
import tensorflow as tf

from kortf.errors import InputError
from kortf.metrics.correlation import pearson, spearman
from kortf.tasks.kinds.text_task import TextTask

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def number_of(written) -> float:
    """Return the number that a cell holds, NaN for anything else.

    Python's `float` also reads `1_000`, `nan` and digits of other scripts.

    Example:
        >>> number_of(" 3.5 "), number_of("3,5"), number_of("1_0"), number_of(True)
        (3.5, nan, nan, nan)
    """
    if isinstance(written, bool) or not isinstance(written, str | int | float):
        return math.nan
    text = str(written).strip()
    return float(text) if len(text) < 400 and _NUMBER.fullmatch(text) else math.nan


def check_bounds(low: float, high: float) -> None:
    """Raise an InputError unless the least number is below the greatest."""
    if not low < high:
        problem = f"must be below config.task.high={high}"
        raise InputError(f"config.task.low={low}", problem, "correct one of them")


class RegressionTask(TextTask, abc.ABC):
    """A task whose answer is a number; a subclass reads its files and declares the range.

    The head has one output in the units of the files, so transformers gets the number itself from
    a model directory. The loss is the squared error of the number as a share of the range.

    Args:
        settings: As in `TextTask`.

    Attributes:
        bounds: Least and greatest number.
        digits: Digits after the decimal point in the published files.
        cure: Advice for a number out of range.
    """

    kind = "regression"
    main_metric = "spearman"
    outputs = 1
    bounds: tuple[float, float]
    digits: int = 3
    cure = "correct the score"

    def number(self, written, place: str) -> float:
        """Parse a number of a file.

        Raises:
            InputError: If it is not a number, or out of range.
        """
        low, high = self.bounds
        value = number_of(written)
        if low <= value <= high:
            return value
        problem = f"score '{str(written)[:80]}' is not a number from {low:g} to {high:g}"
        raise InputError(place, problem, self.cure)

    def targets(self, examples: Sequence[dict]) -> np.ndarray:
        return np.array([example["label"] for example in examples], dtype=np.float32)

    def predict(self, outputs: dict, features: dict, seed: tf.Tensor | None = None) -> tf.Tensor:
        return super().predict(outputs, features, seed)[:, 0]  # (batch, 1) -> (batch,)

    def loss(self, scores: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        low, high = self.bounds
        return tf.square((scores - labels) / (high - low))

    def divergence(self, scores: tf.Tensor, others: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        del labels
        return self.loss(scores, others)

    not_distilled = ""

    def soft_labels(self, scores: tf.Tensor, labels: tf.Tensor, temperature: float) -> tf.Tensor:
        del labels, temperature
        return scores

    def soft_loss(
        self, scores: tf.Tensor, soft: tf.Tensor, labels: tf.Tensor, temperature: float
    ) -> tf.Tensor:
        del labels, temperature
        return self.loss(scores, soft)

    def score(self, found: dict[str, np.ndarray], examples: Sequence[dict]) -> dict[str, float]:
        scores, gold = found["scores"], self.targets(examples)
        return {"spearman": spearman(scores, gold), "pearson": pearson(scores, gold)}

    def numeric_answers(self, found: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        return {"score": tf.identity(found["scores"])}

    def rows_of_answers(
        self, found: dict[str, np.ndarray], examples: Sequence[dict]
    ) -> Iterator[dict]:
        for example, score in zip(examples, found["scores"].tolist(), strict=True):
            texts = {name: example[name] for name in self.text_fields}
            predicted = round(score, 6)
            yield texts | {"gold": example["label"], "predicted": predicted, "score": None}

    def answers(self, scores: np.ndarray) -> list[str]:
        return [f"{score:.{self.digits}f}" for score in scores]

"""The contract of a task: how it is read, its head on an encoder, how it is scored and written."""

import abc
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf


class Task(abc.ABC):
    """One benchmark.

    A subclass takes its settings as keyword arguments and meets this contract; it knows no model.

    Attributes:
        name: of the module, as in `--task=name`.
        train_file: its name in the published data's directory; of several, with commas between.
        test_file: the same, of one.
        dev_file: the same; None where the authors published no such part, and one is held back.
        text_fields: the strings of an example that are encoded, in order: one or two.
        main_metric: the score that picks the epoch, higher is better.
        skip_bad_rows: whether `read` passes over rows that cannot be read and only counts them.
        head: the layer that `build` has made.
    """

    name: str
    train_file: str
    test_file: str
    dev_file: str | None = None
    text_fields: tuple[str, ...] = ("text",)
    main_metric: str
    skip_bad_rows: bool = False

    head: Any = None

    @abc.abstractmethod
    def read(self, path: str) -> list[dict]:
        """Reads a published file into examples: dicts of `text_fields`, `label` and more.

        Raises:
            InputError: for a row that cannot be read, with the line.
        """

    def adapt(self, examples: Sequence[dict]) -> None:
        """Takes from the train part what is not known before, such as the names of classes.

        It is called once, before another part is read and before the head is built. What is learned
        here is among the `settings`.
        """
        del examples

    def notes(self) -> dict:
        """What `eval.json` has to say of the reading so far, such as rows that were dropped."""
        return {}

    @abc.abstractmethod
    def build(self, hidden_dim: int, init_scale: float, dropout: float, dtype=None) -> None:
        """Makes the head for an encoder of this hidden size."""

    @abc.abstractmethod
    def labels(self, examples: Sequence[dict]) -> np.ndarray:
        """What the head learns, an array with one row an example."""

    @abc.abstractmethod
    def predict(self, outputs: dict, features: dict, seed: tf.Tensor | None = None) -> tf.Tensor:
        """The head's raw scores from an encoder's `outputs`; `seed` is None outside training."""

    @abc.abstractmethod
    def loss(self, scores: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        """Loss of each row, float32 `[batch]`, nats."""

    @abc.abstractmethod
    def score(self, scores: np.ndarray, examples: Sequence[dict]) -> dict[str, float]:
        """The benchmark's metrics by name, as its authors count."""

    @abc.abstractmethod
    def write_predictions(self, path: str, scores: np.ndarray, examples: Sequence[dict]) -> str:
        """Writes predictions in the benchmark's format to `path` plus its ending; returns that."""

    @abc.abstractmethod
    def decode(self, scores: tf.Tensor) -> dict[str, tf.Tensor]:
        """Answers for serving, in the graph: what the exported model returns for raw `scores`."""

    @abc.abstractmethod
    def settings(self) -> dict:
        """The arguments it was made with, complete with defaults: they travel in `config.json`."""

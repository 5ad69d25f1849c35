"""The contract of a task: how it is read, its head on an encoder, how it is scored and served.

From strings to answers it is `encode`, the encoder, `predict`, `decide`, `collect` and `decode`, in
the graph; scoring takes the same way up to `collect`, so that what is served is what was scored.
"""

import abc
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from kortf.text.tokenizer.rows import Rows
from kortf.text.tokenizer.tokenizer import Tokenizer


class Task(abc.ABC):
    """One benchmark.

    A subclass takes its settings as keyword arguments and meets this contract; it knows no model.

    Attributes:
        name: of the module, as in `--task=name`.
        train_file: its name in the published data's directory; of several, with commas between.
        test_file: the same, of one.
        dev_file: the same; None where the authors published no such part, and one is held back.
        text_fields: the strings of an example that are encoded, in order, one or two; an exported
            model's inputs are called the same.
        kind: of what it answers, for who reads an exported model: `classifier`, …
        several_rows: whether a text may take more than one row.
        main_metric: the score that picks the epoch, higher is better.
        skip_bad_rows: whether `read` passes over rows that cannot be read and only counts them.
        head: the layer that `build` has made.
    """

    name: str
    train_file: str
    test_file: str
    dev_file: str | None = None
    text_fields: tuple[str, ...] = ("text",)
    kind: str = "task"
    several_rows: bool = False
    main_metric: str
    skip_bad_rows: bool = False

    head: Any = None

    def files(self, name: str) -> list[str]:
        """The published files that a part's file name stands for: itself, if no more is said."""
        return [name]

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
    def encode(self, tokenizer: Tokenizer, texts: Sequence[tf.Tensor], max_length: int) -> Rows:
        """The rows that an encoder reads for texts, the same offline and in a served graph.

        Args:
            tokenizer: of the model.
            texts: tf.string `[batch]`, one for each of `text_fields`.
            max_length: longest row in tokens.
        """

    @abc.abstractmethod
    def labels(self, examples: Sequence[dict], rows: Rows) -> np.ndarray | tf.RaggedTensor:
        """What the head learns.

        Args:
            examples: their labels.
            rows: what `encode` has made of their texts.

        Returns:
            One row a row, or ragged `[rows, None]` with a number for each token.
        """

    def lost(self, examples: Sequence[dict], rows: Rows) -> dict[str, int]:
        """Count gold answers that no row can hold, by a name for the data summary.

        Args:
            examples: Examples with their labels.
            rows: Rows that `encode` made of their texts.
        """
        del examples, rows
        return {}

    @abc.abstractmethod
    def predict(self, outputs: dict, features: dict, seed: tf.Tensor | None = None) -> tf.Tensor:
        """The head's raw scores from an encoder's `outputs`; `seed` is None outside training."""

    @abc.abstractmethod
    def loss(self, scores: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        """Loss of each row, float32 `[rows]`, nats.

        Args:
            scores: from `predict`.
            labels: of a batch; ragged ones are padded with -1.
        """

    def smoothed_loss(self, scores: tf.Tensor, labels: tf.Tensor, smoothing: float) -> tf.Tensor:
        """The same, where a share of each label is spread over all classes.

        It is asked for only where `not_smoothed` says nothing.
        """
        raise NotImplementedError

    @property
    def not_smoothed(self) -> str:
        """Why labels cannot be smoothed; empty where they can."""
        return f"what the loss of {self.name} compares with is not a class"

    @abc.abstractmethod
    def divergence(self, scores: tf.Tensor, others: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        """How far what two passes with different dropout say is apart, for R-Drop.

        Args:
            scores: from `predict`.
            others: of the same rows, from another pass.
            labels: as for `loss`: what a row learns nothing of does not count.

        Returns:
            float32 `[rows]`: of distributions the mean of both Kullback-Leibler divergences in
            nats, of numbers the loss of one against the other; averaged over a row as its loss is.
        """

    def decide(self, scores: tf.Tensor, features: dict) -> dict[str, tf.Tensor]:
        """What the raw scores of rows say, as tensors `[rows, …]` or `[rows, seq]`, in the graph.

        If a task does not say otherwise, `scores` as they are.
        """
        del features
        return {"scores": scores}

    def collect(
        self, decisions: dict[str, tf.Tensor], rows: Rows, texts: Sequence[tf.Tensor]
    ) -> dict[str, tf.Tensor]:
        """Puts what rows say together to what texts say, `[batch, …]`, in the graph.

        If a task does not say otherwise, there is one row a text.

        Args:
            decisions: from `decide`, of all rows; what has a place for each token may be wider than
                the longest row.
            rows: from `encode`.
            texts: as they were given to `encode`.
        """
        del rows, texts
        return decisions

    @abc.abstractmethod
    def score(self, found: dict[str, np.ndarray], examples: Sequence[dict]) -> dict[str, float]:
        """The benchmark's metrics by name, as its authors count, of what `collect` has found."""

    @abc.abstractmethod
    def write_predictions(
        self, path: str, found: dict[str, np.ndarray], examples: Sequence[dict]
    ) -> str:
        """Writes predictions in the benchmark's format to `path` plus its ending; returns that."""

    def decode(self, found: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """What the exported model answers for what `collect` has found, in the graph."""
        return found

    @abc.abstractmethod
    def settings(self) -> dict:
        """The arguments it was made with, complete with defaults: they travel in `config.json`."""

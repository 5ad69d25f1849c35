"""What tasks share that give a text, or a pair of texts, one answer."""

import abc
import os
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import tensorflow as tf

from kortf import files
from kortf.errors import InputError
from kortf.layers import random
from kortf.layers.classifier import Classifier
from kortf.tasks.table import Row, read_tsv
from kortf.tasks.task import Task

NAMED_BAD_ROWS = 20  # rows that were passed over and stand in the report; the rest is counted


class TextTask(Task, abc.ABC):
    """A task whose files hold a row an example, with a `Classifier` over the pooled text.

    Args:
        pooling: `cls`, `mean` or `max`.
        dropout: rate before the head's dense layer; the encoder's if None.
        train_file: name of the file to train on, or of several with commas between; the published
            ones if None.
        dev_file: name of the file to choose the epoch on; "" holds a part of the train file back.
        test_file: name of the file to score.

    Attributes:
        columns: of the published files, those that are read.
        outputs: of the head.
        note: what has to be said about the scores.
    """

    columns: tuple[str, ...]
    note: str = ""

    def __init__(
        self,
        pooling: str = "cls",
        dropout: float | None = None,
        train_file: str | None = None,
        dev_file: str | None = None,
        test_file: str | None = None,
    ):
        self.pooling = pooling
        self.dropout = dropout
        self.train_file = self.train_file if train_file is None else train_file
        self.dev_file = (self.dev_file if dev_file is None else dev_file) or None
        self.test_file = self.test_file if test_file is None else test_file
        self.dropped: dict[str, int] = {}
        self.bad_rows: dict[str, list[str]] = {}

    @property
    @abc.abstractmethod
    def outputs(self) -> int:
        """How many scores a text gets."""

    @abc.abstractmethod
    def example(self, row: dict, place: str) -> dict | None:
        """The example that a row is; None drops it.

        Raises:
            InputError: the row cannot be used.
        """

    @abc.abstractmethod
    def answers(self, scores: np.ndarray) -> list[str]:
        """What raw scores say, as the published files spell it."""

    @abc.abstractmethod
    def fields(self, example: dict, answer: str) -> Iterable[str]:
        """An example as a row of the published file, with `answer` in place of its label."""

    def rows(self, path: str) -> Iterator[Row]:
        """The rows of a published file."""
        return read_tsv(path, self.columns)

    def read(self, path: str) -> list[dict]:
        examples, dropped, bad = [], 0, []
        for place, row in self.rows(path):
            try:
                if isinstance(row, InputError):
                    raise row
                example = self.example(row, place)
            except InputError as error:
                if not self.skip_bad_rows:
                    raise
                bad.append(str(error))
                continue
            dropped += example is None
            if example is not None:
                examples.append(example)
        if not examples:
            problem = "there are no rows under the header"
            if dropped or bad:
                problem = f"none of its {dropped + len(bad)} rows can be used"
            raise InputError(path, problem, "fetch the file again")
        name = os.path.basename(path)
        self.dropped[name], self.bad_rows[name] = dropped, bad
        return examples

    def notes(self) -> dict:
        found = {"dropped": {name: number for name, number in self.dropped.items() if number}}
        bad = {name: rows for name, rows in self.bad_rows.items() if rows}
        found["bad_rows"] = {
            name: {"count": len(rows), "first": rows[:NAMED_BAD_ROWS]} for name, rows in bad.items()
        }
        found["note"] = self.note
        return {name: value for name, value in found.items() if value}

    def build(self, hidden_dim: int, init_scale: float, dropout: float, dtype=None) -> None:
        rate = dropout if self.dropout is None else self.dropout
        self.head = Classifier(
            self.outputs, self.pooling, rate, init_scale, name="classifier", dtype=dtype
        )
        self.head.build(hidden_dim)

    def predict(self, outputs: dict, features: dict, seed: tf.Tensor | None = None) -> tf.Tensor:
        return self.head(outputs, features["padding_mask"], seed=random.split(seed, 1)[0])

    def write_predictions(self, path: str, scores: np.ndarray, examples: Sequence[dict]) -> str:
        path += ".tsv"
        with files.write_beside(path) as file:
            file.write("\t".join(self.prediction_columns) + "\n")
            for example, answer in zip(examples, self.answers(scores), strict=True):
                file.write("\t".join(self.fields(example, answer)) + "\n")
        return path

    @property
    def prediction_columns(self) -> tuple[str, ...]:
        """Header of the file of predictions."""
        return self.columns

    def settings(self) -> dict:
        return {
            "pooling": self.pooling,
            "dropout": self.dropout,
            "train_file": self.train_file,
            "dev_file": self.dev_file or "",
            "test_file": self.test_file,
        }

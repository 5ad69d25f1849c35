"""Tasks that give a text, or a pair of texts, one answer."""

import abc
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated

import numpy as np
import tensorflow as tf

from kortf import files
from kortf.layers import random
from kortf.layers.heads.classifier import HIDDEN, Classifier
from kortf.layers.heads.pooling import POOLINGS
from kortf.ranges import Choice
from kortf.tasks.kinds.file_task import FileTask
from kortf.tasks.readers.table import Row, read_tsv
from kortf.text.tokenizer.rows.rows import Rows, rows_of_segments
from kortf.text.tokenizer.rows.segments import TRUNCATIONS
from kortf.text.tokenizer.tokenizer import Tokenizer

NO_HIDDEN = "none"
Pooling = Annotated[str, Choice(tuple(POOLINGS))]
Hidden = Annotated[str, Choice((NO_HIDDEN, *HIDDEN))]
Truncation = Annotated[str, Choice(TRUNCATIONS)]


class TextTask(FileTask, abc.ABC):
    """A task whose files hold a row an example, with a `Classifier` over the pooled text.

    Args:
        pooling: `cls`, `mean` or `max`.
        hidden: Activation of a dense layer before the last one, as `Classifier` takes it, or
            `none`; None for what the model's family has.
        truncation: `longest_first` or `second_first`: the text of a pair that is truncated first.
            None is `longest_first`.
        settings: `dropout` and names of files, as in `FileTask`.

    Attributes:
        columns: Columns of the published files that are read.
        outputs: Number of outputs of the head.
    """

    columns: tuple[str, ...]

    def __init__(
        self,
        pooling: Pooling = "cls",
        hidden: Hidden | None = None,
        truncation: Truncation | None = None,
        **settings,
    ):
        super().__init__(**settings)
        self.pooling = pooling
        self.hidden = hidden
        self.truncation = truncation or TRUNCATIONS[0]

    @property
    @abc.abstractmethod
    def outputs(self) -> int:
        """Number of scores of a text."""

    @abc.abstractmethod
    def answers(self, scores: np.ndarray) -> list[str]:
        """Answers for raw scores, as the published files spell them."""

    @abc.abstractmethod
    def fields(self, example: dict, answer: str) -> Iterable[str]:
        """Fields of an example in the published file, with `answer` instead of its label."""

    @abc.abstractmethod
    def targets(self, examples: Sequence[dict]) -> np.ndarray:
        """Targets of the head, one number an example."""

    def rows(self, path: str) -> Iterator[Row]:
        return read_tsv(path, self.columns)

    def encode(self, tokenizer: Tokenizer, texts: Sequence[tf.Tensor], max_length: int) -> Rows:
        parts = [tokenizer.tokenize(text) for text in texts]
        return rows_of_segments(parts, max_length, tokenizer.vocabulary, self.truncation)

    def labels(self, examples: Sequence[dict], rows: Rows) -> np.ndarray:
        del rows  # one for each text
        return self.targets(examples)

    def take_hidden(self, hidden: str | None) -> bool:
        if self.hidden is None and self.pooling == "cls":
            self.hidden = hidden
        elif self.hidden == NO_HIDDEN:
            self.hidden = None
        return hidden is not None and self.hidden == hidden and self.pooling == "cls"

    def build(self, hidden_dim: int, init_scale: float, dropout: float, dtype=None) -> None:
        rate = dropout if self.dropout is None else self.dropout
        self.head = Classifier(
            self.outputs, self.pooling, rate, init_scale, self.hidden, name="classifier",
            dtype=dtype,
        )  # fmt: skip
        self.head.build(hidden_dim)

    def predict(self, outputs: dict, features: dict, seed: tf.Tensor | None = None) -> tf.Tensor:
        return self.head(outputs, features["padding_mask"], seed=random.split(seed, 1)[0])

    def write_predictions(
        self, path: str, found: dict[str, np.ndarray], examples: Sequence[dict]
    ) -> str:
        path += ".tsv"
        with files.write_beside(path) as file:
            file.write("\t".join(self.prediction_columns) + "\n")
            for example, answer in zip(examples, self.answers(found["scores"]), strict=True):
                file.write("\t".join(self.fields(example, answer)) + "\n")
        return path

    @property
    def prediction_columns(self) -> tuple[str, ...]:
        """Header of the predictions file."""
        return self.columns

    def settings(self) -> dict:
        hidden = {} if self.hidden is None else {"hidden": self.hidden}
        pair = {"truncation": self.truncation} if len(self.text_fields) == 2 else {}
        return {"pooling": self.pooling} | hidden | pair | super().settings()

"""Contract of a task: reading, head, scoring and serving.

Serving runs `encode`, the encoder, `predict`, `decide`, `collect` and `decode` in the graph.
Scoring runs the same functions up to `collect`, so a served model gives the answers that were
scored.
"""

import abc
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from kortf.errors import InputError
from kortf.text.tokenizer.rows.rows import Rows
from kortf.text.tokenizer.tokenizer import Tokenizer


class Task(abc.ABC):
    """One benchmark, or a task on the user's own files.

    A subclass takes its settings as keyword arguments and meets this contract; it knows no encoder.

    Attributes:
        name: Name of the module, as in `--task=name`.
        train_file: Name of the train file in the published data; several with commas between.
        test_file: Name of the test file.
        dev_file: Name of the dev file; None where none is published, and a share is held back.
        text_fields: Fields of an example that are encoded, one or two, in order; the inputs of an
            exported model have the same names.
        kind: Kind of answer, for readers of an exported model: `classifier`, …
        several_rows: Whether a text may take more than one row.
        main_metric: Score that chooses the epoch; higher is better.
        metrics: Scores of the report's table, the main one first.
        skip_bad_rows: Whether `read` skips and counts rows that it cannot read.
        needs_test: Whether a run must have a test part.
        couples_rows: Whether the loss compares the rows of a batch: such a task has `batch_loss`
            instead of `loss`.
        encoding: Encoding of the user's own files.
        any_form: Whether `read` takes the user's own files, in any form and encoding.
        head: Layer that `build` made.
    """

    name: str
    train_file: str
    test_file: str
    dev_file: str | None = None
    text_fields: tuple[str, ...] = ("text",)
    kind: str = "task"
    several_rows: bool = False
    main_metric: str
    metrics: tuple[str, ...] = ()
    skip_bad_rows: bool = False
    needs_test: bool = True
    couples_rows: bool = False
    encoding: str = "utf-8"
    any_form: bool = False

    head: Any = None

    def files(self, name: str) -> list[str]:
        """Return the published files that a part's file name refers to; by default itself."""
        return [name]

    def set_reading(self, skip_bad_rows: bool, encoding: str = "utf-8") -> None:
        """Set how `read` reads files.

        Args:
            skip_bad_rows: Whether rows that cannot be read are skipped and counted.
            encoding: Encoding of the files.

        Raises:
            InputError: The task reads published files, which are UTF-8.
        """
        if encoding != self.encoding and not self.any_form:
            problem = f"{self.name} reads the published files, which are UTF-8"
            raise InputError(f"--encoding={encoding}", problem, "leave the flag out")
        self.skip_bad_rows, self.encoding = skip_bad_rows, encoding

    @abc.abstractmethod
    def read(self, path: str) -> list[dict]:
        """Read a published file into examples: dicts of `text_fields`, `label` and more.

        Raises:
            InputError: For a row that cannot be read, with the line.
        """

    def adapt(self, examples: Sequence[dict]) -> None:
        """Learn settings from the train part, such as the names of classes.

        It is called once, before another part is read and before the head is built. `settings`
        includes what is learned here.
        """
        del examples

    def take_tokens(self, tokenizer, examples: Sequence[dict]) -> None:
        """Learn from the tokens of the train part; after `adapt`, before the head is built."""
        del tokenizer, examples

    def fields_of(self, examples: Sequence[dict]) -> tuple[str, ...]:
        """Return the fields of a part's examples that are encoded; by default `text_fields`."""
        del examples
        return self.text_fields

    def scorable(self, examples: Sequence[dict]) -> bool:
        """Return whether examples of the train part can be held back and scored."""
        del examples
        return True

    def metric_of(self, examples: Sequence[dict]) -> str:
        """Return the main metric of a part; by default `main_metric`."""
        del examples
        return self.main_metric

    def leave_out(self, path: str, number: int) -> None:
        """Take the number of rows of a file that training leaves out, for `notes`."""
        del path, number

    def notes(self) -> dict:
        """Return remarks on the files read so far for `eval.json`, such as dropped rows."""
        return {}

    def take_hidden(self, hidden: str | None) -> bool:
        """Take the layer that a model family has in its classifier, unless the user chose one.

        Args:
            hidden: Activation of the layer, as `Classifier` takes it; None for none.

        Returns:
            Whether the head has that layer now.
        """
        del hidden
        return False

    @abc.abstractmethod
    def build(self, hidden_dim: int, init_scale: float, dropout: float, dtype=None) -> None:
        """Build the head for an encoder of this hidden size."""

    @abc.abstractmethod
    def encode(self, tokenizer: Tokenizer, texts: Sequence[tf.Tensor], max_length: int) -> Rows:
        """Encode texts as rows, offline and in a served graph.

        Args:
            tokenizer: Tokenizer of the model.
            texts: tf.string `[batch]`, one for each of `text_fields`.
            max_length: Length of the longest row in tokens.
        """

    @abc.abstractmethod
    def labels(self, examples: Sequence[dict], rows: Rows) -> np.ndarray | tf.RaggedTensor:
        """Return the targets of the head.

        Args:
            examples: Examples with their labels.
            rows: Rows that `encode` made of their texts.

        Returns:
            Targets of each row, dense or ragged `[rows, None]` with a number for each token.
        """

    def lost(self, examples: Sequence[dict], rows: Rows) -> dict[str, int]:
        """Count gold answers that no row can hold, by a name for the data summary.

        Args:
            examples: Examples with their labels.
            rows: Rows that `encode` made of their texts.
        """
        del examples, rows
        return {}

    def encoder_features(self, features: dict) -> dict:
        """Return the features that the encoder reads; by default those of the rows."""
        return features

    @abc.abstractmethod
    def predict(self, outputs: dict, features: dict, seed: tf.Tensor | None = None) -> tf.Tensor:
        """Return the head's raw scores for an encoder's `outputs`; `seed` is None for inference."""

    @abc.abstractmethod
    def loss(self, scores: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        """Return the loss of each row, float32 `[rows]`, nats.

        Args:
            scores: Scores from `predict`.
            labels: Labels of a batch; ragged ones are padded with -1.
        """

    def smoothed_loss(self, scores: tf.Tensor, labels: tf.Tensor, smoothing: float) -> tf.Tensor:
        """Return the loss with label smoothing; only called where `not_smoothed` is empty."""
        raise NotImplementedError

    @property
    def not_smoothed(self) -> str:
        """Reason why labels cannot be smoothed; empty where they can."""
        return f"the labels of {self.name} are not classes"

    @abc.abstractmethod
    def divergence(self, scores: tf.Tensor, others: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        """Return the divergence of two passes with different dropout, for R-Drop.

        Args:
            scores: Scores from `predict`.
            others: Scores of the same rows from another pass.
            labels: As for `loss`; tokens without a label do not count.

        Returns:
            float32 `[rows]`: the mean of both Kullback-Leibler divergences in nats, or for numbers
            the loss of one against the other; averaged over a row as its loss is.
        """

    def soft_labels(self, scores: tf.Tensor, labels: tf.Tensor, temperature: float) -> tf.Tensor:
        """Return the soft labels that a teacher of this task gives to its rows.

        Only called where `not_distilled` is empty.

        Args:
            scores: The teacher's scores from `predict`.
            labels: As for `loss`; tokens without a label do not count.
            temperature: Divides logits, so that small probabilities count more.
        """
        raise NotImplementedError

    def soft_loss(
        self, scores: tf.Tensor, soft: tf.Tensor, labels: tf.Tensor, temperature: float
    ) -> tf.Tensor:
        """Return the loss of a student against soft labels, float32 `[rows]`, nats.

        Args:
            scores: The student's scores from `predict`.
            soft: Result of the teacher's `soft_labels`.
            labels: As for `loss`.
            temperature: Temperature of the soft labels.
        """
        raise NotImplementedError

    @property
    def not_distilled(self) -> str:
        """Reason why a teacher has no soft labels; empty where it has."""
        return f"{self.name} has no soft labels"

    def decide(self, scores: tf.Tensor, features: dict) -> dict[str, tf.Tensor]:
        """Turn raw scores into decisions on rows, `[rows, …]` or `[rows, seq]`, in the graph.

        By default the scores themselves.
        """
        del features
        return {"scores": scores}

    def collect(
        self, decisions: dict[str, tf.Tensor], rows: Rows, texts: Sequence[tf.Tensor]
    ) -> dict[str, tf.Tensor]:
        """Combine decisions on rows into answers for texts, `[batch, …]`, in the graph.

        By default there is one row a text.

        Args:
            decisions: Decisions from `decide` on all rows; those on tokens may be wider than the
                longest row.
            rows: Rows from `encode`.
            texts: Texts as they were given to `encode`.
        """
        del rows, texts
        return decisions

    @abc.abstractmethod
    def score(self, found: dict[str, np.ndarray], examples: Sequence[dict]) -> dict[str, float]:
        """Return the benchmark's metrics by name, by its authors' definitions.

        Args:
            found: Result of `collect`.
            examples: Examples in the same order.
        """

    @abc.abstractmethod
    def write_predictions(
        self, path: str, found: dict[str, np.ndarray], examples: Sequence[dict]
    ) -> str:
        """Write predictions in the benchmark's format to `path` plus an extension; return it."""

    @abc.abstractmethod
    def rows_of_answers(
        self, found: dict[str, np.ndarray], examples: Sequence[dict]
    ) -> Iterator[dict]:
        """Yield a row of `examples.jsonl` for each example: texts, `gold`, `predicted`, `score`.

        `gold` and `predicted` are the name of a class, a number, a list of names, an answer (gold:
        a list of accepted ones), or a list of entities with `start`, `end` and `label`. `score` is
        the probability of the prediction; None where there is none.
        """

    def label_counts(self, examples: Sequence[dict]) -> dict[str, int]:
        """Count the labels of examples by name, for the data summary."""
        del examples
        return {}

    def details(self, found: dict[str, np.ndarray], examples: Sequence[dict]) -> dict:
        """Return further measures for `eval.json`, such as the scores of each class."""
        del found, examples
        return {}

    @property
    def answer_names(self) -> dict[str, Sequence[str]]:
        """Names that an output of `numeric_answers` numbers, by output; by default none."""
        return {}

    def numeric_answers(self, found: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Turn the result of `collect` into answers, with numbers for names, in the graph.

        An engine that has no strings computes it too, as far as `collect` is the default.
        """
        return found

    def decode(self, found: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Turn the result of `collect` into the outputs of an exported model, in the graph.

        By default `numeric_answers`, with the names of `answer_names`.
        """
        answers = self.numeric_answers(found)
        named = {
            output: tf.gather(tf.constant(names, tf.string), answers[output])
            for output, names in self.answer_names.items()
        }
        return answers | named

    @abc.abstractmethod
    def settings(self) -> dict:
        """Return all arguments with their defaults, as `config.json` stores them."""

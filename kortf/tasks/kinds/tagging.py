"""Tagging: find entities in texts."""

import abc
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated

import numpy as np
import tensorflow as tf

from kortf import files
from kortf.errors import InputError
from kortf.layers import random
from kortf.layers.heads.token_classifier import TokenClassifier
from kortf.layers.heads.transform import token_hidden
from kortf.metrics.entity_f1 import (
    MODES,
    entities,
    entity_f1,
    scores_by_label,
)
from kortf.ranges import Choice, Count
from kortf.tasks.kinds.file_task import FileTask
from kortf.tasks.kinds.tagged_tokens import (
    answers_of_tokens,
    first_pieces,
    misaligned,
    tagged_units,
    without_token,
)
from kortf.tasks.readers.tags import (
    tag_set,
    tags_of_entities,
    tags_of_tokens,
    token_tags,
)
from kortf.text.tokenizer.rows.rows import Rows
from kortf.text.tokenizer.rows.windows import along, make_windows, owned
from kortf.text.tokenizer.tokenizer import Tokenizer

LabelAt = Annotated[str, Choice(("first", "all", "character"))]
LEAST_OVERLAP = 32  # tokens that two windows share at least, if they have twice that room
# Columns of `found` that only scoring reads.
_TOKENS = ("token_tag", "token_start", "token_end")


class TaggingTask(FileTask, abc.ABC):
    """A task whose texts have a tag at each unit, a character or a word.

    An example is `{"text", "units": [(start, end), …], "tags": [tag, …]}`, in characters. Long
    texts are split into overlapping windows.

    Args:
        label_at: Tokens that have a tag: `first`, the first piece of each eojeol; `all` pieces,
            each with the tag of its first character; `character`, where texts are split into
            characters instead of pieces, so that an entity may end anywhere.
        crf: Whether a conditional random field scores tags as a sequence.
        stride: Tokens from the begin of one window to that of the next; half a window if None.
        hidden: `gelu_norm` for a layer before the last one, as over ModernBERT; None for what the
            model's family has.
        settings: As in `FileTask`.

    Attributes:
        entity_labels: Labels of entities.
        mode: Reading of tags that break the scheme, as in `kortf.metrics.entity_f1`. `strict`
            scores the tags of the model as they are.
    """

    kind = "token_classifier"
    several_rows = True
    main_metric = "f1"
    mode = MODES[0]
    entity_labels: tuple[str, ...]

    def __init__(
        self,
        label_at: LabelAt = "all",
        crf: bool = True,
        stride: Count | None = None,
        hidden: str | None = None,
        **settings,
    ):
        super().__init__(**settings)
        self.label_at = label_at
        self.crf = crf
        self.stride = stride
        self.hidden = hidden

    @property
    def classes(self) -> tuple[str, ...]:
        """Tags by number; `O` is 0."""
        return tag_set(self.entity_labels)

    def check(self, tags: Sequence[str], place: str) -> None:
        """Refuse a tag that is not one of `classes`.

        Raises:
            InputError: With the number of the unit.
        """
        for number, tag in enumerate(tags, start=1):
            if tag not in self.classes:
                known = ", ".join(self.entity_labels)
                problem = f"tag '{tag}' of unit {number} is unknown"
                raise InputError(place, problem, f"write O, or B- or I- before {known}")

    def encode(self, tokenizer: Tokenizer, texts: Sequence[tf.Tensor], max_length: int) -> Rows:
        (text,) = texts
        by_character = self.label_at == "character"
        split = tokenizer.tokenize_characters if by_character else tokenizer.tokenize_with_offsets
        ids, starts, ends = (each.with_row_splits_dtype(tf.int32) for each in split(text))
        tagged = tf.ones_like(ids, tf.bool)
        if self.label_at == "first":
            tagged, ends = first_pieces(text, starts, ends)
        stride = self.stride or max(1, (max_length - 2) // 2)
        vocabulary = tokenizer.vocabulary
        windows = make_windows(
            None,
            ids,
            max_length,
            stride,
            0,
            vocabulary.cls_id,
            vocabulary.sep_id,
            LEAST_OVERLAP,
        )
        tagged = along(tf.cast(tagged, tf.int32), windows)
        features = {
            "tagged": tf.cast(tagged, tf.bool),
            "owned": owned(windows),
            "starts": along(starts, windows),
            "ends": along(ends, windows),
        }
        nothing = tf.zeros([ids.nrows()], tf.int32)  # windows hold every piece
        return Rows(windows.token_ids, windows.segment_ids, windows.owners, features, nothing)

    def labels(self, examples: Sequence[dict], rows: Rows) -> tf.RaggedTensor:
        numbers = {tag: i for i, tag in enumerate(self.classes)}
        tagged, row, unit = tagged_units(examples, rows)
        labels = np.full(len(tagged), -1, np.int32)
        labels[tagged] = token_tags(
            np.array([numbers[tag] for example in examples for tag in example["tags"]], np.int32),
            unit,
            np.diff(row, prepend=-1) > 0,
            self._label_numbers(),
        )
        return rows.token_ids.with_flat_values(tf.constant(labels))

    def lost(self, examples: Sequence[dict], rows: Rows) -> dict[str, int]:
        return {
            "entities without a token": without_token(examples, rows),
            "entities that begin or end inside a token": misaligned(examples, rows),
        }

    def _label_numbers(self) -> np.ndarray:
        """Number of the label of each tag, 0 for `O`."""
        return np.array([0, *(1 + i // 2 for i in range(len(self.classes) - 1))], np.int32)

    def take_hidden(self, hidden: str | None) -> bool:
        self.hidden = self.hidden or token_hidden(hidden)
        return self.hidden is not None and self.hidden == hidden

    def build(self, hidden_dim: int, init_scale: float, dropout: float, dtype=None) -> None:
        rate = dropout if self.dropout is None else self.dropout
        self.head = TokenClassifier(
            self.classes, self.crf, rate, init_scale, self.hidden, name="token_classifier",
            dtype=dtype,
        )  # fmt: skip
        self.head.build(hidden_dim)

    def predict(self, outputs: dict, features: dict, seed: tf.Tensor | None = None) -> tf.Tensor:
        return self.head(outputs["sequence"], seed=random.split(seed, 1)[0])

    def loss(self, scores: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        return self.head.loss(scores, labels, labels >= 0)

    def smoothed_loss(self, scores: tf.Tensor, labels: tf.Tensor, smoothing: float) -> tf.Tensor:
        return self.head.loss(scores, labels, labels >= 0, smoothing)

    @property
    def not_smoothed(self) -> str:
        if not self.crf:
            return ""
        return "a random field scores sequences, not single tags (use --config.task.crf=False)"

    def divergence(self, scores: tf.Tensor, others: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        return self.head.divergence(scores, others, labels >= 0)

    not_distilled = ""

    def soft_labels(self, scores: tf.Tensor, labels: tf.Tensor, temperature: float) -> tf.Tensor:
        return self.head.soft_labels(scores, labels >= 0, temperature)

    def soft_loss(
        self, scores: tf.Tensor, soft: tf.Tensor, labels: tf.Tensor, temperature: float
    ) -> tf.Tensor:
        return self.head.soft_loss(scores, soft, labels >= 0, temperature)

    def decide(self, scores: tf.Tensor, features: dict) -> dict[str, tf.Tensor]:
        tags, probabilities = self.head.decode(scores, features["tagged"])
        return {"tags": tags, "probabilities": probabilities}

    def collect(
        self, decisions: dict[str, tf.Tensor], rows: Rows, texts: Sequence[tf.Tensor]
    ) -> dict[str, tf.Tensor]:
        return answers_of_tokens(decisions, rows, texts[0], self.classes, self._label_numbers())

    def decode(self, found: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        return {name: values for name, values in found.items() if name not in _TOKENS}

    def predicted_tags(
        self, found: dict[str, np.ndarray], examples: Sequence[dict]
    ) -> list[list[str]]:
        """Tags of the units of examples.

        A strict task sees the tags of the tokens as they are; others see entities, where a begin
        without `B-` is one.
        """
        if self.mode == "strict" and _TOKENS[0] in found:
            return self._raw_tags(found, examples)
        columns = (found[name].tolist() for name in ("start", "end", "label"))
        return [
            tags_of_entities(
                example["units"],
                [(start, end, label.decode()) for start, end, label in entities if label],
            )
            for example, *rows in zip(examples, *columns, strict=True)
            for entities in [list(zip(*rows, strict=True))]
        ]

    def _raw_tags(self, found, examples: Sequence[dict]) -> list[list[str]]:
        columns = (found[name].tolist() for name in ("token_start", "token_end", "token_tag"))
        return [
            tags_of_tokens(
                example["units"],
                [
                    (start, end, self.classes[tag])
                    for start, end, tag in zip(*rows, strict=True)
                    if tag >= 0
                ],
            )
            for example, *rows in zip(examples, *columns, strict=True)
        ]

    def score(self, found: dict[str, np.ndarray], examples: Sequence[dict]) -> dict[str, float]:
        ours, gold = self.predicted_tags(found, examples), [row["tags"] for row in examples]
        return entity_f1(ours, gold, self.mode)

    def label_counts(self, examples: Sequence[dict]) -> dict[str, int]:
        found = (label for row in examples for label, _, _ in entities(row["tags"]))
        return dict(Counter(found).most_common())

    def details(self, found: dict[str, np.ndarray], examples: Sequence[dict]) -> dict:
        ours, gold = self.predicted_tags(found, examples), [row["tags"] for row in examples]
        rounded = {
            label: {name: round(value, 6) for name, value in measures.items()}
            for label, measures in scores_by_label(ours, gold, self.mode).items()
        }
        return {"by_class": rounded}

    def rows_of_answers(
        self, found: dict[str, np.ndarray], examples: Sequence[dict]
    ) -> Iterator[dict]:
        columns = [found[name].tolist() for name in ("start", "end", "label", "score")]
        for example, *rows in zip(examples, *columns, strict=True):
            predicted = [
                {"start": start, "end": end, "label": label.decode(), "score": round(score, 6)}
                for start, end, label, score in zip(*rows, strict=True)
                if label
            ]
            units = example["units"]
            gold = [
                {"start": units[first][0], "end": units[end - 1][1], "label": label}
                for label, first, end in entities(example["tags"])
            ]
            least = min((each["score"] for each in predicted), default=None)
            texts = {name: example[name] for name in self.text_fields}
            yield texts | {"gold": gold, "predicted": predicted, "score": least}

    def write_predictions(
        self, path: str, found: dict[str, np.ndarray], examples: Sequence[dict]
    ) -> str:
        path += ".tsv"
        with files.write_beside(path) as file:
            for example, tags in zip(examples, self.predicted_tags(found, examples), strict=True):
                file.writelines(self.block(example, tags))
        return path

    def block(self, example: dict, tags: Sequence[str]) -> Iterable[str]:
        """Lines of the predictions file: a unit and its tag each, then an empty line."""
        for (start, end), tag in zip(example["units"], tags, strict=True):
            yield f"{example['text'][start:end]}\t{tag}\n"
        yield "\n"

    def settings(self) -> dict:
        own = {"label_at": self.label_at, "crf": self.crf, "stride": self.stride}
        own |= {"hidden": self.hidden} if self.hidden else {}
        return own | super().settings()

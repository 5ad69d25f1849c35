"""Tasks of heads that others have published, whose labels come from `config.json`."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import tensorflow as tf

from kortf.tasks.benchmarks.multi_label import MultiLabel
from kortf.tasks.benchmarks.token_classification import TokenClassification
from kortf.tasks.kinds.regression import RegressionTask
from kortf.tasks.kinds.tagged_tokens import answers_of_tokens
from kortf.tasks.readers.table import Row, read_table
from kortf.text.tokenizer.rows import Rows

PAIR = ("text", "text_pair")
# Prefixes of the BIO, BIOES and BILOU schemes: whether a tag begins an entity.
_BEGINS = {"B": True, "I": False, "E": False, "L": False, "S": True, "U": True}


class PublishedMultiLabel(MultiLabel):
    """Independent probabilities of labels: a sigmoid each.

    Args:
        pair: Whether it takes two texts.
        settings: As in `MultiLabel`.
    """

    name = "published_multi_label"

    def __init__(self, pair: bool = False, **settings):
        self.text_fields = PAIR if pair else ("text",)
        self.pair = pair
        super().__init__(**settings)

    def decode(self, found: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        answers = super().decode(found)
        best = tf.argmax(answers["probabilities"], axis=-1, output_type=tf.int32)
        return answers | {
            "label": tf.gather(tf.constant(self.classes), best),
            "score": tf.reduce_max(answers["probabilities"], axis=-1),
        }

    def settings(self) -> dict:
        return super().settings() | {"pair": self.pair}


class PublishedRegression(RegressionTask):
    """A number for a text.

    Args:
        pair: Whether it takes two texts.
        settings: As in `RegressionTask`.
    """

    name = "published_regression"
    train_file = "train.tsv"
    test_file = "test.tsv"
    bounds = (-float("inf"), float("inf"))

    def __init__(self, pair: bool = False, **settings):
        super().__init__(**settings)
        self.text_fields = PAIR if pair else ("text",)
        self.pair = pair

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.text_fields, "label")

    def rows(self, path: str) -> Iterator[Row]:
        return read_table(path, self.columns)

    def example(self, row: dict, place: str) -> dict:
        texts = {name: row[name] for name in self.text_fields}
        return texts | {"label": self.number(row["label"], place)}

    def fields(self, example: dict, answer: str) -> Iterable[str]:
        return [*(example[name] for name in self.text_fields), answer]

    def settings(self) -> dict:
        return super().settings() | {"pair": self.pair}


class PublishedTagging(TokenClassification):
    """Entities by tags of any order, in the BIO, BIOES or BILOU scheme.

    `B-PS` and `PS-B` both begin an entity `PS`. A tag without such a mark is a label itself.

    Args:
        tags: Names of the tags, by number.
        settings: As in `TokenClassification`.
    """

    name = "published_tagging"

    def __init__(self, tags: Sequence[str], **settings):
        self.tags = tuple(tags)
        parsed = [parse_tag(tag) for tag in self.tags]
        labels = tuple(dict.fromkeys(label for label, _ in parsed if label))
        super().__init__(labels, crf=False, **settings)

    @property
    def classes(self) -> tuple[str, ...]:
        return self.tags

    def collect(
        self, decisions: dict[str, tf.Tensor], rows: Rows, texts: Sequence[tf.Tensor]
    ) -> dict[str, tf.Tensor]:
        parsed = [parse_tag(tag) for tag in self.tags]
        tags = [f"{'B' if begins else 'I'}-{label}" if label else "O" for label, begins in parsed]
        numbers = {label: i for i, label in enumerate(("", *self.entity_labels))}
        labels = np.array([numbers[label] for label, _ in parsed], np.int32)
        return answers_of_tokens(decisions, rows, texts[0], tags, labels)

    def targets(self, examples: Sequence[dict]) -> np.ndarray:
        raise NotImplementedError(f"{self.name} is not trained")

    def settings(self) -> dict:
        return {"label_at": self.label_at, "stride": self.stride, "tags": list(self.tags)}


def parse_tag(tag: str) -> tuple[str, bool]:
    """Return the label of a tag, "" outside of entities, and whether the tag begins an entity.

    Example:
        >>> parse_tag("B-PS"), parse_tag("PS-I"), parse_tag("O"), parse_tag("LABEL_0")
        (('PS', True), ('PS', False), ('', False), ('LABEL_0', False))
    """
    if tag == "O":
        return "", False
    for mark, label in (tag.split("-", 1)[:2], tag.rsplit("-", 1)[::-1]) if "-" in tag else ():
        if mark in _BEGINS and label:
            return label, _BEGINS[mark]
    return tag, False


TASKS = {task.name: task for task in (PublishedMultiLabel, PublishedRegression, PublishedTagging)}

"""Tasks of heads that others have published, whose labels come from `config.json`."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import tensorflow as tf
from absl import logging

from kortf import tasks
from kortf.errors import InputError
from kortf.tasks.benchmarks.multi_label import MultiLabel
from kortf.tasks.benchmarks.token_classification import TokenClassification
from kortf.tasks.kinds.regression import RegressionTask
from kortf.tasks.kinds.tagged_tokens import answers_of_tokens
from kortf.tasks.readers.table import Row, read_table
from kortf.text.tokenizer.rows.rows import Rows

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

    @property
    def answer_names(self) -> dict[str, Sequence[str]]:
        return super().answer_names | {"label": self.classes}

    def numeric_answers(self, found: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        answers = super().numeric_answers(found)
        return answers | {
            "label": tf.argmax(answers["probabilities"], axis=-1, output_type=tf.int32),
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
    any_form = True
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
        return read_table(path, self.columns, self.encoding)

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


# Kinds of benchmarks that have such a head; any other is a classifier.
_KINDS = {
    PublishedMultiLabel.name: "multi_label",
    PublishedRegression.name: "regression",
    PublishedTagging.name: "token_classifier",
    "question_answering": "question_answering",
}
TASKS = {task.name: task for task in (PublishedMultiLabel, PublishedRegression, PublishedTagging)}


def as_benchmark(task: str, name: str, **settings):
    """Make the task of a benchmark with the head that a published directory has.

    Args:
        task: Name of the benchmark.
        name: Task of the head, as `published_task` gives it.
        settings: Its settings.

    Raises:
        InputError: The head is of another kind, or its labels are not those of the benchmark.
    """
    place = f"--task={task}"
    kind, plain = _KINDS.get(name, "classifier"), tasks.build(task)
    if plain.kind != kind:
        problem = f"the model's head is of the kind {kind}, not {plain.kind}"
        raise InputError(place, problem, "name a benchmark of that kind")
    if name == "question_answering":
        return tasks.build(task, **settings)
    if name == PublishedTagging.name:
        return _with_labels(tasks.build(task, crf=False), settings["tags"], place)
    how = {key: settings[key] for key in ("pooling", "hidden") if key in settings}
    if name == PublishedRegression.name:
        return tasks.build(task, **how)
    if not plain.classes:
        how["classes"] = settings["classes"]
    return _with_labels(tasks.build(task, **how), settings["classes"], place)


def _with_labels(task, labels: Sequence[str], place: str):
    """Refuse labels that do not match the benchmark's; tell the user of names that differ."""
    ours, theirs = list(task.classes), list(labels)
    usual = [f"LABEL_{i}" for i in range(len(theirs))]
    tagger = task.kind == "token_classifier"
    if len(ours) != len(theirs) or (sorted(ours) == sorted(theirs) and ours != theirs):
        problem = f"the model's labels are {', '.join(theirs)}; the benchmark's {', '.join(ours)}"
        raise InputError(place, problem, "take a model that was trained on this benchmark")
    if tagger and theirs not in (ours, usual):
        problem = f"the model's tags are {', '.join(theirs)}; the benchmark's {', '.join(ours)}"
        raise InputError(place, problem, "take a model that was trained on this benchmark")
    if theirs not in (ours, usual, list(getattr(task, "spellings", ()))):
        logging.warning("labels %s are read as %s", ", ".join(theirs), ", ".join(ours))
    return task

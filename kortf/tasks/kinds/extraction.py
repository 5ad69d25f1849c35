"""Extraction: find the answer to a question in a text."""

import abc
from collections.abc import Iterator, Sequence

import numpy as np
import tensorflow as tf

from kortf import files
from kortf.layers import random
from kortf.layers.distillation import soft_label_loss, soft_labels
from kortf.layers.divergence import symmetric_divergence
from kortf.layers.heads.span_classifier import SpanClassifier
from kortf.layers.heads.transform import token_hidden
from kortf.metrics.span_f1 import span_scores
from kortf.ranges import Count, Natural
from kortf.tasks.kinds.file_task import FileTask
from kortf.tasks.readers.answers import best_answers, best_spans, locate, without_answer
from kortf.text.tokenizer.rows.rows import Rows
from kortf.text.tokenizer.rows.windows import along, make_windows, question_room
from kortf.text.tokenizer.tokenizer import Tokenizer

NOWHERE = 2**30  # character behind every context


class ExtractionTask(FileTask, abc.ABC):
    """A task whose answers are spans of a context.

    An example is `{"id", "question", "context", "answers": [text, …], "start": character}`, with
    the position of the first answer. Long contexts are split into overlapping windows; the target
    of a window without the answer is `[CLS]`.

    Args:
        stride: Pieces from the begin of one window to that of the next, at most.
        max_question: Pieces of a question that are read.
        max_answer: Length of the longest answer in pieces.
        max_trim: Most characters that are trimmed off the first or the last piece of an answer.
        n_best: Number of answers that are returned.
        hidden: `gelu_norm` for a layer before the last one, as over ModernBERT; None for what the
            model's family has.
        settings: As in `FileTask`.

    Attributes:
        unanswerable: Whether questions may have no answer. The model then answers nothing where
            [CLS] is more probable than any span, in all windows of the context.
    """

    text_fields = ("question", "context")
    kind = "question_answering"
    unanswerable = False
    several_rows = True
    main_metric = "f1"

    def __init__(
        self,
        stride: Count = 128,
        max_question: Count = 64,
        max_answer: Count = 30,
        max_trim: Natural = 15,
        n_best: Count = 5,
        hidden: str | None = None,
        **settings,
    ):
        super().__init__(**settings)
        self.hidden = hidden
        sizes = {"stride": stride, "max_question": max_question, "max_answer": max_answer}
        self.sizes = sizes | {"max_trim": max_trim, "n_best": n_best}

    def encode(self, tokenizer: Tokenizer, texts: Sequence[tf.Tensor], max_length: int) -> Rows:
        question, context = texts
        # Several questions may share a context: it is tokenized once.
        contexts, which = tf.unique(context)
        pieces = tokenizer.tokenize_with_offsets(contexts)
        ids, starts, ends = (tf.gather(x.with_row_splits_dtype(tf.int32), which) for x in pieces)
        vocabulary, sizes = tokenizer.vocabulary, self.sizes
        questions = tokenizer.tokenize(question).with_row_splits_dtype(tf.int32)
        windows = make_windows(
            questions, ids, max_length, sizes["stride"], sizes["max_question"],
            vocabulary.cls_id, vocabulary.sep_id, sizes["max_answer"],
            vocabulary.pair_layout,
        )  # fmt: skip
        inside = along(tf.ones_like(ids), windows)
        features = {
            "context": tf.cast(inside, tf.bool),
            "starts": along(starts, windows),
            "ends": along(ends, windows),
        }
        room = question_room(max_length, sizes["max_question"], vocabulary.pair_layout)
        truncated = tf.maximum(questions.row_lengths() - room, 0)
        return Rows(windows.token_ids, windows.segment_ids, windows.owners, features, truncated)

    def labels(self, examples: Sequence[dict], rows: Rows) -> np.ndarray:
        # A question without an answer points behind every context: no window has it.
        begins = np.array([row["start"] if row["answers"] else NOWHERE for row in examples])
        lengths = np.array([len(row["answers"][0]) if row["answers"] else 1 for row in examples])
        return locate(rows, begins, begins + lengths, self.sizes["max_trim"])

    def lost(self, examples: Sequence[dict], rows: Rows) -> dict[str, int]:
        owners, (first, last) = rows.owners.numpy(), self.labels(examples, rows)[:, :2].T
        held = np.unique(owners[first > 0])
        answers = sum(bool(example["answers"]) for example in examples)
        longest = self.sizes["max_answer"]
        return {
            "answers in no window": answers - len(held),
            f"answers of more than {longest} pieces": len(
                np.unique(owners[last - first >= longest])
            ),
        }

    def label_counts(self, examples: Sequence[dict]) -> dict[str, int]:
        if not self.unanswerable:
            return {}
        answers = sum(bool(example["answers"]) for example in examples)
        return {"answer": answers, "no answer": len(examples) - answers}

    def take_hidden(self, hidden: str | None) -> bool:
        self.hidden = self.hidden or token_hidden(hidden)
        return self.hidden is not None and self.hidden == hidden

    def build(self, hidden_dim: int, init_scale: float, dropout: float, dtype=None) -> None:
        rate = dropout if self.dropout is None else self.dropout
        self.head = SpanClassifier(
            self.sizes["max_trim"], rate, init_scale, self.hidden, name="span_classifier",
            dtype=dtype,
        )  # fmt: skip
        self.head.build(hidden_dim)

    def predict(self, outputs: dict, features: dict, seed: tf.Tensor | None = None) -> tf.Tensor:
        context = features["context"]
        first = tf.range(tf.shape(context)[1]) == 0  # [CLS]: no answer in this window
        return self.head(
            outputs["sequence"],
            context | first,
            features["ends"] - features["starts"],
            seed=random.split(seed, 1)[0],
        )

    def loss(self, scores: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        first, last, before, behind = self.head.split(scores)
        begin, end, cut_before, cut_behind = tf.unstack(labels, axis=1)

        def at(values, place):
            return tf.gather(values, place, batch_dims=1)

        here = tf.cast(begin > 0, tf.float32)
        cut = at(at(before, begin), cut_before) + at(at(behind, end), cut_behind)
        return -0.5 * (at(first, begin) + at(last, end) + here * cut)

    def divergence(self, scores: tf.Tensor, others: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        parts = zip(self.head.split(scores), self.head.split(others), strict=True)
        first, last, before, behind = (symmetric_divergence(*both) for both in parts)
        begin, end = labels[:, 0], labels[:, 1]
        cut = tf.gather(before, begin, batch_dims=1) + tf.gather(behind, end, batch_dims=1)
        return 0.5 * (first + last + tf.cast(begin > 0, tf.float32) * cut)

    not_distilled = ""

    def soft_labels(self, scores: tf.Tensor, labels: tf.Tensor, temperature: float) -> tf.Tensor:
        """Return the probabilities of the begin and of the end, `[rows, 2, seq]`."""
        del labels
        return soft_labels(tf.stack(self.head.split(scores)[:2], axis=1), temperature)

    def soft_loss(
        self, scores: tf.Tensor, soft: tf.Tensor, labels: tf.Tensor, temperature: float
    ) -> tf.Tensor:
        del labels  # characters cut off at an end are learned from the gold answer alone
        ends = tf.stack(self.head.split(scores)[:2], axis=1)  # (rows, 2, seq)
        return tf.reduce_mean(soft_label_loss(ends, soft, temperature), axis=1)

    def decide(self, scores: tf.Tensor, features: dict) -> dict[str, tf.Tensor]:
        parts = self.head.split(scores)
        sizes = self.sizes["max_answer"], self.sizes["n_best"]
        starts, ends = features["starts"], features["ends"]
        # An answer neither begins nor ends at a piece of white space alone.
        allowed = features["context"] & (ends > starts)
        found = best_spans(*parts, allowed, starts, ends, *sizes)
        return found | {"nothing": parts[0][:, 0] + parts[1][:, 0]} if self.unanswerable else found

    def collect(
        self, decisions: dict[str, tf.Tensor], rows: Rows, texts: Sequence[tf.Tensor]
    ) -> dict[str, tf.Tensor]:
        found = best_answers(decisions, rows.owners, texts[1], self.sizes["n_best"])
        if not self.unanswerable:
            return found
        nothing = tf.math.segment_min(decisions["nothing"], rows.owners)
        return without_answer(found, tf.exp(nothing))

    def predictions(self, found: dict[str, np.ndarray], examples: Sequence[dict]) -> dict[str, str]:
        """Return the best answer to each question by its id."""
        answers = found["answer"][:, 0].tolist()
        return {
            example["id"]: answer.decode()
            for example, answer in zip(examples, answers, strict=True)
        }

    def rows_of_answers(
        self, found: dict[str, np.ndarray], examples: Sequence[dict]
    ) -> Iterator[dict]:
        answers, scores = (found[name][:, 0].tolist() for name in ("answer", "score"))
        for example, answer, score in zip(examples, answers, scores, strict=True):
            yield {
                "id": example["id"],
                **{name: example[name] for name in self.text_fields},
                "gold": example["answers"],
                "predicted": answer.decode(),
                "score": round(score, 6),
            }

    def score(self, found: dict[str, np.ndarray], examples: Sequence[dict]) -> dict[str, float]:
        golds = {example["id"]: example["answers"] for example in examples}
        return span_scores(self.predictions(found, examples), golds)

    def write_predictions(
        self, path: str, found: dict[str, np.ndarray], examples: Sequence[dict]
    ) -> str:
        path += ".json"
        files.write_json(path, self.predictions(found, examples))
        return path

    def settings(self) -> dict:
        hidden = {"hidden": self.hidden} if self.hidden else {}
        return self.sizes | hidden | super().settings()

"""Dependency parsing: the head of each word, and the type of the arc between them."""

import abc
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import tensorflow as tf

from kortf.layers import random
from kortf.layers.distillation import soft_label_loss, soft_labels
from kortf.layers.divergence import symmetric_divergence
from kortf.layers.heads.biaffine import BARRED, BiaffineParser
from kortf.metrics.dependency import dependency_scores
from kortf.tasks.kinds.file_task import FileTask
from kortf.tasks.kinds.tagged_tokens import first_pieces
from kortf.text.tokenizer.rows.rows import Rows, rows_of_segments
from kortf.text.tokenizer.tokenizer import Tokenizer
from kortf.text.unicode.slices import cut

_NONE = -2  # head of a word without a token


class ParsingTask(FileTask, abc.ABC):
    """A task whose words each have a head, another word or the root, and a type.

    An example is `{"text", "units": [(start, end), …], "heads": [number, …], "types": [name, …]}`;
    heads count from 1, and 0 is the root. The first piece of a word stands for it, and [CLS] for
    the root. Answers are head-final trees: the head of a word follows it, and the last word is the
    root. Korean treebanks annotate nothing else; training does not assume it.

    Args:
        settings: As in `FileTask`.

    Attributes:
        classes: Types of arcs.
    """

    kind = "dependency_parser"
    main_metric = "las_macro_f1"
    metrics = ("las_macro_f1", "uas_macro_f1", "las_micro_f1", "uas_micro_f1")
    classes: tuple[str, ...]

    def encode(self, tokenizer: Tokenizer, texts: Sequence[tf.Tensor], max_length: int) -> Rows:
        (text,) = texts
        pieces = tokenizer.tokenize_with_offsets(text)
        ids, starts, ends = (each.with_row_splits_dtype(tf.int32) for each in pieces)
        first, ends = first_pieces(text, starts, ends)
        rows = rows_of_segments([ids], max_length, tokenizer.vocabulary)
        lengths = rows.token_ids.row_lengths()

        def beside(values):
            values = tf.cast(values, tf.int32)[:, : max_length - 2]
            edge = tf.zeros([tf.shape(lengths)[0], 1], tf.int32)
            return tf.concat([edge, values, edge], axis=1)

        first = beside(first)
        features = {
            "first": first.with_flat_values(tf.cast(first.flat_values, tf.bool)),
            "starts": beside(starts),
            "ends": beside(ends),
        }
        return rows._replace(features=features)

    def labels(self, examples: Sequence[dict], rows: Rows) -> tf.RaggedTensor:
        numbers = {name: i for i, name in enumerate(self.classes)}
        labels = np.full(rows.token_ids.flat_values.shape[0], -1, np.int32)
        begins = rows.token_ids.row_starts().numpy()
        for begin, example, places in zip(begins, examples, self._places(rows), strict=True):
            at = [places.get(start) for start, _ in example["units"]]
            for place, head, kind in zip(at, example["heads"], example["types"], strict=True):
                there = at[head - 1] if head else 0
                if place is not None and there is not None:
                    labels[begin + place] = there * len(self.classes) + numbers[kind]
        return rows.token_ids.with_flat_values(tf.constant(labels))

    @staticmethod
    def _places(rows: Rows) -> list[dict[int, int]]:
        """Position in its row of the first piece of each word, by the word's first character."""
        firsts, starts = (rows.features[name].to_list() for name in ("first", "starts"))
        return [
            {start: i for i, (first, start) in enumerate(zip(*row, strict=True)) if first}
            for row in zip(firsts, starts, strict=True)
        ]

    def lost(self, examples: Sequence[dict], rows: Rows) -> dict[str, int]:
        lost = sum(
            start not in places
            for example, places in zip(examples, self._places(rows), strict=True)
            for start, _ in example["units"]
        )
        return {"words without a token": lost}

    def label_counts(self, examples: Sequence[dict]) -> dict[str, int]:
        return dict(Counter(kind for row in examples for kind in row["types"]).most_common())

    def build(self, hidden_dim: int, init_scale: float, dropout: float, dtype=None) -> None:
        del dtype  # scores are float32
        rate = dropout if self.dropout is None else self.dropout
        self.head = BiaffineParser(
            len(self.classes), dropout=rate, init_scale=init_scale, name="biaffine"
        )
        self.head.build(hidden_dim)

    def predict(self, outputs: dict, features: dict, seed: tf.Tensor | None = None) -> tf.Tensor:
        first = features["first"]
        candidates = first | (tf.range(tf.shape(first)[1]) == 0)  # [CLS] stands for the root
        return self.head(outputs["sequence"], candidates, random.split(seed, 1)[0])

    def loss(self, scores: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        arcs, dependents, heads = self.head.split(scores)
        real = tf.cast(labels >= 0, tf.float32)
        head, kind = tf.maximum(labels, 0) // len(self.classes), labels % len(self.classes)
        types = self.head.type_scores(dependents, heads, head)
        entropy = tf.nn.sparse_softmax_cross_entropy_with_logits
        losses = entropy(head, arcs) + entropy(kind, types)
        return _mean(losses, real)

    def divergence(self, scores: tf.Tensor, others: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        apart = symmetric_divergence(self.head.split(scores)[0], self.head.split(others)[0])
        return _mean(apart, tf.cast(labels >= 0, tf.float32))

    not_distilled = ""

    def soft_labels(self, scores: tf.Tensor, labels: tf.Tensor, temperature: float) -> tf.Tensor:
        """Return the probabilities of the heads of each word, `[rows, seq, seq]`."""
        del labels
        return soft_labels(self.head.split(scores)[0], temperature)

    def soft_loss(
        self, scores: tf.Tensor, soft: tf.Tensor, labels: tf.Tensor, temperature: float
    ) -> tf.Tensor:
        # Types of relations are learned from the gold tree alone.
        apart = soft_label_loss(self.head.split(scores)[0], soft, temperature)
        return _mean(apart, tf.cast(labels >= 0, tf.float32))

    def decide(self, scores: tf.Tensor, features: dict) -> dict[str, tf.Tensor]:
        arcs, dependents, heads = self.head.split(scores)
        place = tf.range(tf.shape(arcs)[1])
        is_first = features["first"]
        follows = (place[None, :] > place[:, None])[None] & is_first[:, None]
        is_last = ~tf.reduce_any(follows, axis=2)
        allowed = follows | (is_last[:, :, None] & (place == 0)[None, None])
        arcs = tf.where(allowed, arcs, 2 * BARRED)
        chosen = tf.argmax(arcs, axis=2, output_type=tf.int32)
        types = self.head.type_scores(dependents, heads, chosen)
        score = tf.reduce_max(tf.nn.softmax(arcs), axis=2)
        score *= tf.reduce_max(tf.nn.softmax(types), axis=2)
        kind = tf.argmax(types, axis=2, output_type=tf.int32)
        return {"heads": chosen, "types": kind, "probabilities": score}

    def collect(
        self, decisions: dict[str, tf.Tensor], rows: Rows, texts: Sequence[tf.Tensor]
    ) -> dict[str, tf.Tensor]:
        lengths = rows.token_ids.row_lengths()
        first = rows.features["first"]
        kept = first.flat_values
        owner = tf.boolean_mask(first.value_rowids(), kept)
        number = first.with_flat_values(tf.cast(kept, tf.int32)).to_tensor()
        number = tf.cumsum(number, axis=1)  # of the word at each first piece, from 1
        size = tf.shape(number)[1]
        heads = decisions["heads"][:, :size]
        heads = tf.where(heads > 0, tf.gather(number, heads, batch_dims=1), 0)

        def flat(values):
            values = tf.RaggedTensor.from_tensor(values[:, :size], lengths=lengths).flat_values
            return tf.boolean_mask(values, kept)

        starts, ends = (
            tf.boolean_mask(rows.features[name].flat_values, kept) for name in ("starts", "ends")
        )
        found = {
            "text": cut(texts[0], owner, starts, ends),
            "start": starts,
            "end": ends,
            "head": flat(heads),
            "type": tf.gather(tf.constant(self.classes), flat(decisions["types"])),
            "score": flat(decisions["probabilities"]),
        }
        batch = tf.shape(texts[0])[0]
        return {
            name: tf.RaggedTensor.from_value_rowids(
                values, owner, tf.cast(batch, owner.dtype), validate=False
            ).to_tensor()
            for name, values in found.items()
        }

    def parses(self, found, examples: Sequence[dict]) -> list[list[tuple[int, str, float]]]:
        """Return head, type and score of each word; a head of -2 for a word without a token."""
        columns = [found[name].tolist() for name in ("start", "end", "head", "type", "score")]
        parses = []
        for example, *rows in zip(examples, *columns, strict=True):
            words = [row for row in zip(*rows, strict=True) if row[1] > 0]
            unit = {start: i for i, (start, _) in enumerate(example["units"], start=1)}
            by_start = {
                start: (unit.get(words[head - 1][0], _NONE) if head else 0, kind.decode(), score)
                for start, _, head, kind, score in words
            }
            missing = (_NONE, self.classes[0], 0.0)
            parses.append([by_start.get(start, missing) for start, _ in example["units"]])
        return parses

    def score(self, found: dict[str, np.ndarray], examples: Sequence[dict]) -> dict[str, float]:
        numbers = {name: i for i, name in enumerate(self.classes)}
        words = [word for parse in self.parses(found, examples) for word in parse]
        return dependency_scores(
            np.array([head for head, _, _ in words]),
            np.array([head for row in examples for head in row["heads"]]),
            np.array([numbers[kind] for _, kind, _ in words]),
            np.array([numbers[kind] for row in examples for kind in row["types"]]),
        )

    def rows_of_answers(
        self, found: dict[str, np.ndarray], examples: Sequence[dict]
    ) -> Iterator[dict]:
        for example, parse in zip(examples, self.parses(found, examples), strict=True):
            gold = zip(example["heads"], example["types"], strict=True)
            yield {
                "text": example["text"],
                "gold": [f"{head} {kind}" for head, kind in gold],
                "predicted": [f"{head} {kind}" for head, kind, _ in parse],
                "score": round(min(score for _, _, score in parse), 6),
            }


def _mean(values: tf.Tensor, real: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(values * real, axis=1) / tf.maximum(tf.reduce_sum(real, axis=1), 1.0)

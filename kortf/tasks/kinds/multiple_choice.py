"""Multiple choice: which of several continuations fits a text."""

import abc
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import tensorflow as tf

from kortf.layers import random
from kortf.layers.heads.classifier import Classifier
from kortf.tasks.kinds.classification import ClassificationTask
from kortf.text.tokenizer.rows.rows import Rows, rows_of_segments
from kortf.text.tokenizer.tokenizer import Tokenizer


class MultipleChoiceTask(ClassificationTask, abc.ABC):
    """A task that chooses one of a fixed number of texts.

    Each choice is encoded beside the text, and the head gives each pair one score, as the
    `ForMultipleChoice` models of transformers. `text_fields` are `text`, `choice1`, `choice2`, ….

    Args:
        settings: As in `TextTask`.
    """

    kind = "multiple_choice"
    main_metric = "macro_f1"
    metrics = ("macro_f1", "accuracy")
    choices: int

    @property
    def text_fields(self) -> tuple[str, ...]:
        return ("text", *(f"choice{i}" for i in range(1, self.choices + 1)))

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(str(i) for i in range(1, self.choices + 1))

    @property
    def outputs(self) -> int:
        return 1

    def encode(self, tokenizer: Tokenizer, texts: Sequence[tf.Tensor], max_length: int) -> Rows:
        text, *choices = [tokenizer.tokenize(each) for each in texts]
        packed = [
            rows_of_segments([text, choice], max_length, tokenizer.vocabulary, self.truncation)
            for choice in choices
        ]
        features = {}
        for i, rows in enumerate(packed):
            features[f"ids_{i}"] = rows.token_ids
            features[f"segments_{i}"] = rows.segment_ids
            features[f"mask_{i}"] = tf.ones_like(rows.token_ids)
        # The row of an example is that of its longest choice: batches are padded to it.
        lengths = tf.stack([rows.token_ids.row_lengths() for rows in packed])  # (choices, batch)
        batch = tf.shape(lengths)[1]
        longest = tf.argmax(lengths, axis=0, output_type=tf.int32) * batch + tf.range(batch)
        ids, segments = (
            tf.gather(tf.concat([getattr(rows, name) for rows in packed], axis=0), longest)
            for name in ("token_ids", "segment_ids")
        )
        truncated = tf.reduce_max(tf.stack([rows.truncated for rows in packed]), axis=0)
        return Rows(ids, segments, tf.range(batch), features, truncated)

    def encoder_features(self, features: dict) -> dict:
        def together(name):
            parts = [features[f"{name}_{i}"] for i in range(self.choices)]
            return tf.reshape(  # (batch, choices, seq) -> (batch * choices, seq)
                tf.stack(parts, axis=1), [-1, tf.shape(parts[0])[1]]
            )

        return {
            "token_ids": together("ids"),
            "segment_ids": together("segments"),
            "padding_mask": tf.cast(together("mask"), tf.bool),
        }

    def take_hidden(self, hidden: str | None) -> bool:
        return super().take_hidden(None)  # no class for multiple choice has that layer

    def build(self, hidden_dim: int, init_scale: float, dropout: float, dtype=None) -> None:
        rate = dropout if self.dropout is None else self.dropout
        self.head = Classifier(
            1, self.pooling, rate, init_scale, self.hidden, name="multiple_choice", dtype=dtype
        )
        self.head.build(hidden_dim)

    def predict(self, outputs: dict, features: dict, seed: tf.Tensor | None = None) -> tf.Tensor:
        mask = self.encoder_features(features)["padding_mask"]
        scores = self.head(outputs, mask, seed=random.split(seed, 1)[0])
        return tf.reshape(scores, [-1, self.choices])  # (batch * choices, 1) -> (batch, choices)

    def rows_of_answers(
        self, found: dict[str, np.ndarray], examples: Sequence[dict]
    ) -> Iterator[dict]:
        yield from super().rows_of_answers(found, examples)

    def fields(self, example: dict, answer: str) -> Iterable[str]:
        return [*(example[name] for name in self.text_fields), answer]

"""Labelled examples as batches: encoded once, put together by length, padded little."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import tensorflow as tf

from kortf.data.streams import WHOLE, Part
from kortf.tasks.task import Task
from kortf.text.tokenizer.rows import padded, take
from kortf.train.padding import padded_lengths

# Lengths that batches are padded to, at most: few shapes to compile for, little padding.
MOST_LENGTHS = 16
# Batches among which examples of like length are looked for.
WINDOW = 64
CHUNK = 8192  # examples that are encoded at once
NO_LABEL = -1  # of a token that none is learned for


class EncodedExamples:
    """Labelled examples as rows of tokens.

    Args:
        task: that encodes and labels them.
        tokenizer: a `kortf.text.tokenizer.tokenizer.Tokenizer`.
        examples: of the task.
        max_length: longest row, special tokens included.

    Attributes:
        rows: of all examples.
        labels: one row a row, dense or ragged.
        lengths: of the rows, in tokens.
        padded_lengths: those that a batch can have.
    """

    def __init__(self, task: Task, tokenizer, examples: Sequence[dict], max_length: int):
        self._pad_id = tokenizer.vocabulary.pad_id
        self.texts = [tf.constant([row[f] for row in examples]) for f in task.text_fields]
        chunks = []
        for begin in range(0, len(examples), CHUNK):
            texts = [column[begin : begin + CHUNK] for column in self.texts]
            chunk = task.encode(tokenizer, texts, max_length)
            chunks.append(chunk._replace(owners=chunk.owners + begin))
        self.rows = tf.nest.map_structure(lambda *parts: tf.concat(parts, axis=0), *chunks)
        self.labels = task.labels(examples, self.rows)
        self.lengths = self.rows.token_ids.row_lengths().numpy()
        self.padded_lengths = padded_lengths(self.lengths, MOST_LENGTHS)

    def __len__(self) -> int:
        return len(self.lengths)

    def batch(self, index: tf.Tensor) -> dict[str, tf.Tensor]:
        """The batch of the rows `index` int32 `[batch]`; -1 is a filler row of weight 0."""
        places = tf.maximum(index, 0)
        rows = take(self.rows, places)
        longest = tf.reduce_max(rows.token_ids.row_lengths(), keepdims=True)
        choices = tf.constant(self.padded_lengths, tf.int32)
        length = tf.gather(choices, tf.searchsorted(choices, tf.cast(longest, tf.int32))[0])
        labels = tf.gather(self.labels, places)
        if isinstance(labels, tf.RaggedTensor):
            labels = labels.to_tensor(NO_LABEL, shape=tf.stack([-1, length]))
        return padded(rows, self._pad_id, length) | {
            "labels": labels,
            "weights": tf.cast(index >= 0, tf.float32),
        }

    @tf.autograph.experimental.do_not_convert  # takes seconds, and nothing here asks for it
    def dataset(
        self, plan: Callable[[], Iterator], batch_size: int, part: Part = WHOLE
    ) -> tf.data.Dataset:
        """Batches for a plan: a function that iterates over index arrays `[batch_size]`.

        Args:
            plan: of the global batches.
            batch_size: rows of a global batch.
            part: which of its rows are made.
        """
        spec = tf.TensorSpec([batch_size], tf.int32)
        indices = tf.data.Dataset.from_generator(plan, output_signature=spec)
        indices = indices.map(lambda index: index[part.of(batch_size)])
        batches = indices.map(self.batch, num_parallel_calls=2, deterministic=True).prefetch(4)
        options = tf.data.Options()
        options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
        options.autotune.enabled = False  # its thread keeps an iterator's end waiting
        return batches.with_options(options)


def training_plan(lengths: np.ndarray, batch_size: int, seed: int, first_step: int = 0) -> Iterator:
    """Index arrays of the batches from `first_step` on, epoch after epoch without end.

    Each epoch is a permutation that (seed, epoch) decides; inside a window of batches, rows of like
    length come together. The last batch of an epoch is filled up with -1.

    Args:
        lengths: of all examples, in tokens.
        batch_size: rows of the global batch.
        seed: of the order.
        first_step: how many batches are passed over.

    Yields:
        int32 `[batch_size]`.
    """
    per_epoch = steps_per_epoch(len(lengths), batch_size)
    epoch, begin = divmod(first_step, per_epoch)
    while True:
        random = np.random.default_rng([seed, epoch])
        order = random.permutation(len(lengths)).astype(np.int32)
        batches = []
        for at in range(0, len(order), batch_size * WINDOW):
            window = order[at : at + batch_size * WINDOW]
            window = window[np.argsort(lengths[window], kind="stable")]
            batches += [window[i : i + batch_size] for i in range(0, len(window), batch_size)]
        for number in random.permutation(per_epoch)[begin:]:
            yield filled(batches[number], batch_size)
        epoch, begin = epoch + 1, 0


def scoring_plan(lengths: np.ndarray, batch_size: int) -> Iterator:
    """Index arrays that go over all examples once, by length, the last one filled up with -1."""
    order = np.argsort(lengths, kind="stable").astype(np.int32)
    for at in range(0, len(order), batch_size):
        yield filled(order[at : at + batch_size], batch_size)


def filled(index: np.ndarray, batch_size: int) -> np.ndarray:
    """`index` with -1 up to `batch_size`."""
    return np.pad(index, (0, batch_size - len(index)), constant_values=-1)


def steps_per_epoch(examples: int, batch_size: int) -> int:
    """Batches that hold all examples once."""
    return -(-examples // batch_size)

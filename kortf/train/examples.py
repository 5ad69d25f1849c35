"""Batches of labelled examples: encoded once, grouped by length, padded little."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import tensorflow as tf

from kortf.data.streams import WHOLE, Part
from kortf.tasks.task import Task
from kortf.text.tokenizer.rows.rows import padded, take
from kortf.text.tokenizer.unknown import UnknownCounter
from kortf.train.inputs.padding import padded_lengths

MOST_LENGTHS = 16  # different padded lengths: few shapes to compile for, little padding
WINDOW = 64  # batches among which examples of similar length are grouped
CHUNK = 8192  # examples that are encoded at once
NO_LABEL = -1  # label of tokens that have none


class EncodedExamples:
    """Labelled examples as rows of tokens.

    Args:
        task: Task that encodes and labels the examples.
        tokenizer: A `kortf.text.tokenizer.tokenizer.Tokenizer`.
        examples: Examples of the task.
        max_length: Length of the longest row, special tokens included.

    Attributes:
        rows: Rows of all examples.
        labels: Labels of each row, dense or ragged.
        lost: Numbers of gold answers that no row can hold, from `Task.lost`.
        lengths: Lengths of the rows in tokens.
        padded_lengths: Lengths that a batch can have.
    """

    def __init__(self, task: Task, tokenizer, examples: Sequence[dict], max_length: int):
        self._pad_id = tokenizer.vocabulary.pad_id
        self._strings = [[row[f] for row in examples] for f in task.fields_of(examples)]
        self.texts = [tf.constant(column) for column in self._strings]
        chunks = []
        for begin in range(0, len(examples), CHUNK):
            texts = [column[begin : begin + CHUNK] for column in self.texts]
            chunk = task.encode(tokenizer, texts, max_length)
            chunks.append(chunk._replace(owners=chunk.owners + begin))
        self.rows = tf.nest.map_structure(lambda *parts: tf.concat(parts, axis=0), *chunks)
        self.labels = task.labels(examples, self.rows)
        self.lost = task.lost(examples, self.rows)
        self.lengths = self.rows.token_ids.row_lengths().numpy()
        self.padded_lengths = padded_lengths(self.lengths, MOST_LENGTHS)

    def __len__(self) -> int:
        return len(self.lengths)

    def count_unknown(self, counter: UnknownCounter) -> None:
        """Add the pieces of all rows to a counter of unknown pieces."""
        owners = self.rows.owners.numpy()
        texts = [" ".join(parts) for parts in zip(*self._strings, strict=True)]
        counter.add(self.rows.token_ids, [texts[owner] for owner in owners])

    def batch(self, index: tf.Tensor) -> dict[str, tf.Tensor]:
        """Return the batch of the rows `index` int32 `[batch]`; -1 is a padding row of weight 0."""
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

    @tf.autograph.experimental.do_not_convert  # takes seconds and is not needed
    def dataset(
        self, plan: Callable[[], Iterator], batch_size: int, part: Part = WHOLE
    ) -> tf.data.Dataset:
        """Make a dataset of batches.

        Args:
            plan: Function that iterates over index arrays `[batch_size]` of the global batches.
            batch_size: Rows of a global batch.
            part: Rows of the global batch that this process makes.
        """
        spec = tf.TensorSpec([batch_size], tf.int32)
        indices = tf.data.Dataset.from_generator(plan, output_signature=spec)
        indices = indices.map(lambda index: index[part.of(batch_size)])
        batches = indices.map(self.batch, num_parallel_calls=2, deterministic=True).prefetch(4)
        options = tf.data.Options()
        options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
        options.autotune.enabled = False  # its thread delays the end of an iterator
        return batches.with_options(options)


def training_plan(lengths: np.ndarray, batch_size: int, seed: int, first_step: int = 0) -> Iterator:
    """Yield index arrays of the batches from `first_step` on, epoch after epoch without end.

    Each epoch is a permutation that depends on (seed, epoch); inside a window of batches, rows of
    similar length are grouped. The last batch of an epoch is padded with -1.

    Args:
        lengths: Lengths of all examples in tokens.
        batch_size: Rows of the global batch.
        seed: Seed of the order.
        first_step: Number of batches to skip.

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
    """Yield index arrays over all examples once, by length, the last one padded with -1."""
    order = np.argsort(lengths, kind="stable").astype(np.int32)
    for at in range(0, len(order), batch_size):
        yield filled(order[at : at + batch_size], batch_size)


def filled(index: np.ndarray, batch_size: int) -> np.ndarray:
    """Return `index` padded with -1 to `batch_size`."""
    return np.pad(index, (0, batch_size - len(index)), constant_values=-1)


def steps_per_epoch(examples: int, batch_size: int) -> int:
    """Return the number of batches that hold all examples once."""
    return -(-examples // batch_size)

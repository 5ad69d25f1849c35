"""Labelled examples as batches: encoded once, put together by length, padded little."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import tensorflow as tf

from kortf.text.segments import pack_segments

# A batch is padded to a multiple of this: few shapes to compile for, little padding.
LENGTH_MULTIPLE = 8
# Batches among which examples of like length are looked for.
WINDOW = 64
CHUNK = 4096


class EncodedExamples:
    """Token ids of examples: `[CLS] text [SEP]` or `[CLS] text [SEP] second [SEP]`.

    Args:
        tokenizer: a `kortf.text.tokenizer.Tokenizer`.
        texts: one list of strings for each text field.
        max_length: longest row, special tokens included; the last field is cut first.
        labels: array with one row an example.
    """

    def __init__(
        self, tokenizer, texts: Sequence[Sequence[str]], max_length: int, labels: np.ndarray
    ):
        vocabulary = tokenizer.vocabulary
        self.pad_id = vocabulary.pad_id
        self.max_length = max_length
        self.labels = labels
        rows, segments = [], []
        for begin in range(0, len(labels), CHUNK):
            parts = [
                tokenizer.tokenize(tf.constant(field[begin : begin + CHUNK])) for field in texts
            ]
            ids, part_segments = pack_segments(
                parts, max_length, vocabulary.cls_id, vocabulary.sep_id
            )
            rows.append(ids)
            segments.append(part_segments)
        self.token_ids = tf.concat(rows, axis=0)
        self.segment_ids = tf.concat(segments, axis=0)
        self.lengths = self.token_ids.row_lengths().numpy()

    def __len__(self) -> int:
        return len(self.lengths)

    def batch(self, index: tf.Tensor) -> dict[str, tf.Tensor]:
        """The batch of the examples `index` int32 `[batch]`; -1 is a filler row of weight 0."""
        rows = tf.maximum(index, 0)
        token_ids = tf.gather(self.token_ids, rows)
        longest = tf.cast(tf.reduce_max(token_ids.row_lengths()), tf.int32)
        length = -(-longest // LENGTH_MULTIPLE) * LENGTH_MULTIPLE
        length = tf.minimum(length, self.max_length)  # the model may have no more positions
        shape = tf.stack([-1, length])
        return {
            "token_ids": token_ids.to_tensor(self.pad_id, shape=shape),
            "segment_ids": tf.gather(self.segment_ids, rows).to_tensor(shape=shape),
            "padding_mask": tf.sequence_mask(token_ids.row_lengths(), length),
            "labels": tf.gather(self.labels, rows),
            "weights": tf.cast(index >= 0, tf.float32),
        }

    def dataset(self, plan: Callable[[], Iterator], batch_size: int) -> tf.data.Dataset:
        """Batches for a plan: a function that iterates over index arrays `[batch_size]`."""
        spec = tf.TensorSpec([batch_size], tf.int32)
        indices = tf.data.Dataset.from_generator(plan, output_signature=spec)
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

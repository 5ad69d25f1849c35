"""Reads records into batches. The batch at step s is a pure function of (seed, s)."""

from collections.abc import Callable

import tensorflow as tf

from kortf.data.features import record_names
from kortf.data.records import RecordsInfo

# Serialised records that are shuffled among themselves. A record is about a kilobyte.
SHUFFLE_WINDOW = 16384


def record_stream(
    directory: str, info: RecordsInfo, seed: int, shuffle: bool = True
) -> tf.data.Dataset:
    """Serialised records, pass after pass without end, in an order that only the seed decides.

    Each pass reads the shards in another order, all of them side by side, and shuffles what comes.

    Args:
        directory: of the records.
        info: what `records.json` says.
        seed: of the order.
        shuffle: whether to shuffle at all; without it there is one pass in the order of the shards.

    Returns:
        Dataset of scalar strings.
    """
    paths = info.shard_paths(directory)
    if not shuffle:
        return tf.data.TFRecordDataset(paths)

    def one_pass(epoch):
        seeds = _seeds(tf.stack([tf.constant(seed, tf.int64), epoch]), 2)
        shards = tf.data.Dataset.from_tensor_slices(_shuffled(tf.constant(paths), seeds[0]))
        stream = shards.interleave(
            tf.data.TFRecordDataset,
            cycle_length=len(paths),
            num_parallel_calls=min(len(paths), 4),
            deterministic=True,
        )
        # Not Dataset.shuffle: it takes no seed from inside the graph, so passes could not differ.
        windows = stream.batch(SHUFFLE_WINDOW).enumerate()
        return windows.map(lambda number, rows: _shuffled(rows, seeds[1] + number)).unbatch()

    return tf.data.Dataset.range(2**31).flat_map(one_pass)


def _seeds(seed: tf.Tensor, number: int) -> list[tf.Tensor]:
    drawn = tf.random.stateless_uniform([number, 2], seed, None, None, tf.int64, alg="philox")
    return tf.unstack(drawn)


def _shuffled(rows: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    keys = tf.random.stateless_uniform(tf.shape(rows), seed, None, None, tf.int32, alg="philox")
    return tf.gather(rows, tf.argsort(keys, stable=True))


def parse(serialized: tf.Tensor, info: RecordsInfo) -> dict[str, tf.Tensor]:
    """Parses serialised records `[batch]` into clean features.

    Args:
        serialized: string `[batch]`.
        info: what `records.json` says.

    Returns:
        `token_ids`, `segment_ids`, `padding_mask` and, by pairing, `pack_ids` or `pair_label`; as
        `kortf.data.features.BATCH` declares them, with seq = `info.seq_length`.
    """
    spec = {name: tf.io.RaggedFeature(tf.int64) for name in record_names(info.pairing)}
    example = tf.io.parse_example(serialized, spec)
    token_ids, lengths = example["token_ids"], example["lengths"]
    part = tf.repeat(tf.ragged.range(lengths.row_lengths()).flat_values, lengths.flat_values)
    part = token_ids.with_flat_values(part)  # 0, 1, …: the packed example, or the segment
    shape = [None, info.seq_length]
    features = {
        "token_ids": tf.cast(token_ids.to_tensor(shape=shape), tf.int32),
        "padding_mask": tf.sequence_mask(token_ids.row_lengths(), info.seq_length),
    }
    if info.pairing == "none":
        features["pack_ids"] = tf.cast((part + 1).to_tensor(shape=shape), tf.int32)
        features["segment_ids"] = tf.zeros_like(features["pack_ids"])
    else:
        features["segment_ids"] = tf.cast(part.to_tensor(shape=shape), tf.int32)
        features["pair_label"] = tf.cast(example["pair_label"].flat_values, tf.int32)
    return features


def training_batches(
    directory: str,
    info: RecordsInfo,
    batch_size: int,
    seed: int,
    corrupt: Callable[[dict], dict],
    first_step: int = 0,
) -> tf.data.Dataset:
    """Batches without end, beginning with that of `first_step`.

    Args:
        directory: of the records.
        info: what `records.json` says.
        batch_size: rows of the global batch.
        seed: of order and masks.
        corrupt: from clean features, with `draw_seed`, to the features of a batch.
        first_step: how many batches are passed over.

    Returns:
        Dataset of feature dicts, all shapes static.
    """
    records = record_stream(directory, info, seed).skip(first_step * batch_size)
    return _batches(records.batch(batch_size, drop_remainder=True), info, seed, corrupt, first_step)


def evaluation_batches(
    directory: str,
    info: RecordsInfo,
    batch_size: int,
    seed: int,
    corrupt: Callable[[dict], dict],
    batches: int,
) -> tf.data.Dataset:
    """The same batches with the same masks each time, at most `batches` of them."""
    records = record_stream(directory, info, seed, shuffle=False)
    taken = records.batch(batch_size, drop_remainder=True).take(batches)
    return _batches(taken, info, seed, corrupt, 0)


def _batches(serialized, info, seed, corrupt, first_step) -> tf.data.Dataset:
    def make(step, rows):
        key = tf.stack([seed, tf.cast(step, tf.int32)])
        features = parse(rows, info)
        # By the place in the global batch: what is drawn does not depend on who computes the row.
        features["draw_seed"] = tf.random.stateless_uniform(
            [tf.shape(rows)[0], 2], key, None, None, tf.int32, alg="philox"
        )
        return corrupt(features)

    batches = serialized.enumerate(start=first_step)
    batches = batches.map(make, num_parallel_calls=2, deterministic=True).prefetch(4)
    options = tf.data.Options()
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    options.deterministic = True
    # All buffers are given. The tuner's thread would keep an iterator's end waiting for a minute.
    options.autotune.enabled = False
    return batches.with_options(options)

"""Reads records into batches. The batch at step s is a pure function of (seed, s)."""

import os
from collections.abc import Callable, Sequence

import tensorflow as tf

from kortf.data.features import record_names
from kortf.data.records.records import RecordsInfo, Shard
from kortf.data.streams import WHOLE, Part, own_streams

# Serialised records that are shuffled among themselves, in all streams together. A record is about
# a kilobyte.
SHUFFLE_WINDOW = 16384


def record_stream(
    directory: str,
    shards: Sequence[Shard],
    seed: int,
    number: int = 0,
    first: int = 0,
    window: int = SHUFFLE_WINDOW,
) -> tf.data.Dataset:
    """Serialised records, pass after pass without end, in an order that only the seed decides.

    Each pass reads the shards in another order, all of them side by side, and shuffles what comes.

    Args:
        directory: of the records.
        shards: that are read.
        seed: of the order.
        number: of this stream among those of the seed.
        first: how many records are passed over; whole passes cost nothing.
        window: records that are shuffled among themselves.

    Returns:
        Dataset of scalar strings.
    """
    paths = [os.path.join(directory, shard.file) for shard in shards]
    passes, first = divmod(first, sum(shard.records for shard in shards))
    windows_over, first = divmod(first, window)

    def one_pass(epoch):
        seeds = _seeds(tf.stack([tf.constant(seed, tf.int64), epoch * 2**20 + number]), 2)
        stream = tf.data.Dataset.from_tensor_slices(_shuffled(tf.constant(paths), seeds[0]))
        stream = stream.interleave(
            tf.data.TFRecordDataset,
            cycle_length=len(paths),
            num_parallel_calls=min(len(paths), 4),
            deterministic=True,
        )
        begin = tf.where(epoch == passes, tf.constant(windows_over, tf.int64), 0)
        # Not Dataset.shuffle: it takes no seed from inside the graph, so passes could not differ.
        windows = stream.skip(begin * window).batch(window).enumerate(start=begin)
        return windows.map(lambda number, rows: _shuffled(rows, seeds[1] + number)).unbatch()

    return tf.data.Dataset.range(passes, 2**31).flat_map(one_pass).skip(first)


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


# Nothing here is written for autograph: to convert it would take seconds at each start.
@tf.autograph.experimental.do_not_convert
def training_batches(
    directory: str,
    info: RecordsInfo,
    batch_size: int,
    seed: int,
    corrupt: Callable[[dict], dict],
    first_step: int = 0,
    part: Part = WHOLE,
) -> tf.data.Dataset:
    """Batches without end, beginning with that of `first_step`.

    Args:
        directory: of the records.
        info: what `records.json` says.
        batch_size: rows of the global batch.
        seed: of order and masks.
        corrupt: from clean features, with `draw_seed`, to the features of a batch.
        first_step: how many batches are passed over.
        part: which rows of each global batch are made; shards that hold none of them are not read.

    Returns:
        Dataset of feature dicts, all shapes static.

    Raises:
        InputError: too few shards for so many parts.
    """
    sizes = [shard.records for shard in info.shards]
    count, own = own_streams(sizes, batch_size, part, directory)
    rows, window = batch_size // count, SHUFFLE_WINDOW // count
    streams = []
    for number in own:
        shards = info.shards[number::count]
        stream = record_stream(directory, shards, seed, number, first_step * rows, window)
        streams.append(stream.batch(rows, drop_remainder=True))
    serialized = tf.data.Dataset.zip(tuple(streams)).map(lambda *rows: tf.concat(rows, axis=0))
    return _batches(serialized, info, batch_size, seed, corrupt, first_step, part)


@tf.autograph.experimental.do_not_convert
def evaluation_batches(
    directory: str,
    info: RecordsInfo,
    batch_size: int,
    seed: int,
    corrupt: Callable[[dict], dict],
    batches: int,
    part: Part = WHOLE,
) -> tf.data.Dataset:
    """The same batches with the same masks each time, at most `batches` of them."""
    records = tf.data.TFRecordDataset(info.shard_paths(directory))
    taken = records.batch(batch_size, drop_remainder=True).take(batches)
    own = taken.map(lambda rows: rows[part.of(batch_size)])
    return _batches(own, info, batch_size, seed, corrupt, 0, part)


def draw_seeds(seed: int, step: tf.Tensor, rows: int) -> tf.Tensor:
    """The seed of each row of a step's global batch: int32 `[rows, 2]`."""
    key = tf.stack([seed, tf.cast(step, tf.int32)])
    return tf.random.stateless_uniform([rows, 2], key, None, None, tf.int32, alg="philox")


def _batches(serialized, info, batch_size, seed, corrupt, first_step, part) -> tf.data.Dataset:
    def make(step, rows):
        features = parse(rows, info)
        # By the place in the global batch: what is drawn does not depend on who computes the row.
        features["draw_seed"] = draw_seeds(seed, step, batch_size)[part.of(batch_size)]
        return corrupt(features)

    batches = serialized.enumerate(start=first_step)
    batches = batches.map(make, num_parallel_calls=2, deterministic=True).prefetch(4)
    options = tf.data.Options()
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    options.deterministic = True
    # All buffers are given. The tuner's thread would keep an iterator's end waiting for a minute.
    options.autotune.enabled = False
    return batches.with_options(options)

"""Read records into batches. The batch at step s is a pure function of (seed, s)."""

import os
from collections.abc import Callable, Sequence

import tensorflow as tf

from kortf.data.features import record_names
from kortf.data.mixture.mixture import MOST_LANES, Mixture
from kortf.data.records.records import RecordsInfo, Shard
from kortf.data.streams import WHOLE, Part, own_streams

# Number of serialised records in a shuffle window, over all streams. A record is about a kilobyte.
SHUFFLE_WINDOW = 16384


def record_stream(
    directory: str,
    shards: Sequence[Shard],
    seed: int,
    number: int = 0,
    first: int = 0,
    window: int = SHUFFLE_WINDOW,
) -> tf.data.Dataset:
    """Return serialised records, pass after pass without end, in an order that the seed decides.

    Each pass interleaves the shards in another order and shuffles within windows.

    Args:
        directory: Directory of the records.
        shards: Shards to read.
        seed: Seed of the order.
        number: Number of this stream among those of the seed.
        first: Number of records to pass over; whole passes cost nothing.
        window: Number of records in a shuffle window.

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
    """Parse serialised records `[batch]` into clean features.

    Args:
        serialized: Strings `[batch]`.
        info: Contents of `records.json`.

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


# Autograph would take seconds at each start, and nothing here needs it.
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
    """Return batches without end, beginning with that of `first_step`.

    Args:
        directory: Directory of the records.
        info: Contents of `records.json`.
        batch_size: Rows of the global batch.
        seed: Seed of order and masks.
        corrupt: Maps clean features, with `draw_seed`, to the features of a batch.
        first_step: Number of batches to pass over.
        part: Rows of each global batch to make; shards that hold none of them are not read.

    Returns:
        Dataset of feature dicts, all shapes static.

    Raises:
        InputError: There are fewer shards than parts.
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
def mixed_batches(
    mixture: Mixture,
    batch_size: int,
    seed: int,
    corrupt: Callable[[dict], dict],
    first_step: int = 0,
    part: Part = WHOLE,
) -> tf.data.Dataset:
    """Return batches of several records directories, beginning with that of `first_step`.

    They end where the length of the rows changes.

    Args:
        mixture: The directories and their weights.
        batch_size: Rows of the global batch.
        seed: Seed of sources, order and masks.
        corrupt: Maps clean features, with `draw_seed`, to the features of a batch.
        first_step: Number of batches that are passed over.
        part: Rows of each global batch that are made.

    Returns:
        Dataset of feature dicts, all shapes static.

    Raises:
        InputError: There are fewer shards than parts.
    """
    count, own = mixture.own_lanes(batch_size, part)
    rows = batch_size // count
    window = max(SHUFFLE_WINDOW // (count * len(mixture.infos)), 1)
    lanes = []
    for lane in own:
        schedule = mixture.schedule(batch_size, seed, lane)
        before = schedule.counts(first_step)
        streams = [
            record_stream(directory, info.shards[lane::count], seed, number, before[source], window)
            for source, (directory, info) in enumerate(
                zip(mixture.directories, mixture.infos, strict=True)
            )
            for number in [source * MOST_LANES + lane]
        ]
        choices = None
        for first, end, choose in schedule.segments(first_step):
            segment = tf.data.Dataset.range(first, end).map(choose)
            choices = segment if choices is None else choices.concatenate(segment)
        mixed = tf.data.Dataset.choose_from_datasets(streams, choices)
        lanes.append(mixed.batch(rows, drop_remainder=True))
    serialized = tf.data.Dataset.zip(tuple(lanes)).map(lambda *rows: tf.concat(rows, axis=0))
    serialized = serialized.take(mixture.end_of(first_step) - first_step)
    info = mixture.info_at(first_step)
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
    """Return at most `batches` batches, the same with the same masks each time."""
    records = tf.data.TFRecordDataset(info.shard_paths(directory))
    taken = records.batch(batch_size, drop_remainder=True).take(batches)
    own = taken.map(lambda rows: rows[part.of(batch_size)])
    return _batches(own, info, batch_size, seed, corrupt, 0, part)


def draw_seeds(seed: int, step: tf.Tensor, rows: int) -> tf.Tensor:
    """Return the seed of each row of the global batch of a step: int32 `[rows, 2]`."""
    key = tf.stack([seed, tf.cast(step, tf.int32)])
    return tf.random.stateless_uniform([rows, 2], key, None, None, tf.int32, alg="philox")


def _batches(serialized, info, batch_size, seed, corrupt, first_step, part) -> tf.data.Dataset:
    def make(step, rows):
        features = parse(rows, info)
        # By the position in the global batch: draws do not depend on who computes the row.
        features["draw_seed"] = draw_seeds(seed, step, batch_size)[part.of(batch_size)]
        return corrupt(features)

    batches = serialized.enumerate(start=first_step)
    batches = batches.map(make, num_parallel_calls=2, deterministic=True).prefetch(4)
    options = tf.data.Options()
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    options.deterministic = True
    # All buffers are given, and the tuner would delay the end of an iterator by a minute.
    options.autotune.enabled = False
    return batches.with_options(options)

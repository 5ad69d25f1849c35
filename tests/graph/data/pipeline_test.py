"""Batches: parsed as declared, and a pure function of (seed, step)."""

import shutil
from collections import Counter

import numpy as np
import pytest
import tensorflow as tf

from kortf.data.features import BATCH
from kortf.data.pipeline import evaluation_batches, parse, record_stream, training_batches
from kortf.data.records.records import read_info
from kortf.data.streams import WHOLE, Part
from kortf.errors import InputError


def keep(features):
    return features


def take(directory, first_step, number, seed=3, part=WHOLE, batch_size=8, at=None):
    info = read_info(str(directory))
    source = str(at or directory)
    batches = training_batches(source, info, batch_size, seed, keep, first_step, part)
    return [{k: v.numpy() for k, v in batch.items()} for batch in batches.take(number)]


def example(info_pairing, **values):
    features = {
        k: tf.train.Feature(int64_list=tf.train.Int64List(value=v)) for k, v in values.items()
    }
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


class Info:
    seq_length = 8
    pairing = "none"


def test_packed_records_are_parsed_as_the_schema_shows():
    rows = [example("none", token_ids=[2, 11, 12, 3, 2, 13, 3], lengths=[4, 3])]
    features = parse(tf.constant(rows), Info)
    assert features["token_ids"].numpy().tolist() == [[2, 11, 12, 3, 2, 13, 3, 0]]
    assert features["pack_ids"].numpy().tolist() == [[1, 1, 1, 1, 2, 2, 2, 0]]
    assert features["segment_ids"].numpy().tolist() == [[0] * 8]
    assert features["padding_mask"].numpy().tolist() == [[True] * 7 + [False]]
    for name, value in features.items():
        assert value.dtype.name == BATCH[name].dtype, name


def test_pairs_are_parsed_as_the_schema_shows():
    info = Info()
    info.pairing = "next_sentence"
    rows = [
        example("pair", token_ids=[2, 11, 12, 3, 13, 3], lengths=[4, 2], pair_label=[1]),
        example("pair", token_ids=[2, 11, 3, 13, 14, 3], lengths=[3, 3], pair_label=[0]),
        example("pair", token_ids=[2, 11, 3, 3, 14, 3], lengths=[6], pair_label=[0]),
    ]
    features = parse(tf.constant(rows), info)
    assert features["segment_ids"].numpy().tolist() == [
        [0, 0, 0, 0, 1, 1, 0, 0],
        [0, 0, 0, 1, 1, 1, 0, 0],
        [0] * 8,
    ]
    assert features["pair_label"].numpy().tolist() == [1, 0, 0]
    assert "pack_ids" not in features


def test_a_batch_is_a_function_of_seed_and_step(records_dir):
    info = read_info(str(records_dir))
    per_pass = info.records // 8
    together = take(records_dir, 0, per_pass + 4)  # over the end of a pass
    for first in (1, 5, per_pass - 1, per_pass + 2):
        for offset, batch in enumerate(take(records_dir, first, 2)):
            for name, value in batch.items():
                assert (together[first + offset][name] == value).all(), (first, name)
    seeds = {tuple(row) for batch in together for row in batch["draw_seed"]}
    assert len(seeds) == 8 * (per_pass + 4)  # each row of each step has its own


def test_passes_differ_and_hold_every_record(records_dir):
    info = read_info(str(records_dir))
    stored = Counter(record for path in info.shard_paths(records_dir) for record in stored_in(path))
    stream = record_stream(str(records_dir), info.shards, seed=3)
    rows = [row.numpy() for row in stream.take(2 * info.records)]
    first, second = rows[: info.records], rows[info.records :]
    assert Counter(first) == stored == Counter(second)
    assert first != second


def stored_in(path):
    return [record.numpy() for record in tf.data.TFRecordDataset(path)]


@pytest.mark.parametrize("first", [0, 7, 350, 900, 1250])
def test_records_passed_over_are_those_that_would_have_come(records_dir, first):
    shards = read_info(str(records_dir)).shards[:1]
    assert shards[0].records < 900  # so that a whole pass is left out
    whole = record_stream(str(records_dir), shards, seed=3, window=100).take(first + 3)
    rest = record_stream(str(records_dir), shards, seed=3, first=first, window=100).take(3)
    assert list(whole.as_numpy_iterator())[first:] == list(rest.as_numpy_iterator())


def test_workers_make_the_rows_that_one_would_of_their_own_shards(records_dir, tmp_path):
    info = read_info(str(records_dir))
    whole = take(records_dir, 5, 3)
    for index in range(2):
        own = tmp_path / str(index)  # the other worker's shard is not even there
        own.mkdir()
        shutil.copy(info.shard_paths(records_dir)[index], own)
        part = take(records_dir, 5, 3, part=Part(index, 2), at=own)
        for ours, theirs in zip(part, whole, strict=True):
            for name, value in theirs.items():
                assert np.array_equal(ours[name], value[4 * index : 4 * index + 4]), name


def test_too_few_shards_for_the_workers_are_named(records_dir):
    with pytest.raises(InputError, match=r"3 workers; run kortf records --shards=3"):
        take(records_dir, 0, 1, part=Part(0, 3), batch_size=9)


def test_workers_share_out_the_evaluation(records_dir):
    info = read_info(str(records_dir))

    def batches(part):
        made = evaluation_batches(str(records_dir), info, 4, 9, keep, 2, part)
        return [{k: v.numpy() for k, v in batch.items()} for batch in made]

    whole, parts = batches(Part()), [batches(Part(index, 2)) for index in range(2)]
    for number, batch in enumerate(whole):
        for name, value in batch.items():
            shared = np.concatenate([part[number][name] for part in parts])
            assert np.array_equal(shared, value), name


def test_another_seed_is_another_order(records_dir):
    one, other = take(records_dir, 0, 1, seed=1)[0], take(records_dir, 0, 1, seed=2)[0]
    assert (one["token_ids"] != other["token_ids"]).any()


@pytest.mark.parametrize("batches", [1, 3])
def test_evaluation_is_the_same_each_time(records_dir, batches):
    info = read_info(str(records_dir))
    runs = [
        [
            b["token_ids"].numpy()
            for b in evaluation_batches(str(records_dir), info, 4, 9, keep, batches)
        ]
        for _ in range(2)
    ]
    assert len(runs[0]) == batches
    assert all(np.array_equal(a, b) for a, b in zip(*runs, strict=True))

"""Batches: parsed as declared, and a pure function of (seed, step)."""

import numpy as np
import pytest
import tensorflow as tf

from kortf.data.features import BATCH
from kortf.data.pipeline import evaluation_batches, parse, training_batches
from kortf.data.records import read_info


def keep(features):
    return features


def take(directory, first_step, number, seed=3):
    info = read_info(str(directory))
    batches = training_batches(str(directory), info, 8, seed, keep, first_step)
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
    ]
    features = parse(tf.constant(rows), info)
    assert features["segment_ids"].numpy().tolist() == [
        [0, 0, 0, 0, 1, 1, 0, 0],
        [0, 0, 0, 1, 1, 1, 0, 0],
    ]
    assert features["pair_label"].numpy().tolist() == [1, 0]
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
    number = info.records // 8
    rows = [
        row.tobytes() for batch in take(records_dir, 0, 2 * number) for row in batch["token_ids"]
    ]
    first, second = rows[: number * 8], rows[number * 8 :]
    assert first != second
    assert len(set(rows)) >= len(set(first))
    ordered = evaluation_batches(str(records_dir), info, 1, 0, keep, info.records)
    everything = {batch["token_ids"].numpy()[0].tobytes() for batch in ordered}
    assert set(first) <= everything and len(everything - set(first)) < 8


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

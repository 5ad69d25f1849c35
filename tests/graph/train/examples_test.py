"""Labelled examples: cut to length, padded little, every row once an epoch."""

import itertools

import numpy as np
import pytest
import tensorflow as tf

from kortf import tasks
from kortf.text.tokenizer.rows.segments import pack_segments
from kortf.train.examples import EncodedExamples, scoring_plan, steps_per_epoch, training_plan
from kortf.train.inputs.splits import hold_back

LENGTHS = np.random.default_rng(0).integers(3, 60, 103)


def ragged(*rows):
    return tf.ragged.constant(rows, dtype=tf.int32)


def test_the_second_segment_is_cut_first():
    ids, segments = pack_segments([ragged([11, 12]), ragged([13, 14, 15, 16])], 8, 2, 3)
    assert ids.to_list() == [[2, 11, 12, 3, 13, 14, 15, 3]]
    assert segments.to_list() == [[0, 0, 0, 0, 1, 1, 1, 1]]


def test_an_epoch_holds_every_row_once_and_another_order_comes_next():
    number = steps_per_epoch(len(LENGTHS), 8)
    plan = training_plan(LENGTHS, 8, seed=1)
    epochs = [np.concatenate(list(itertools.islice(plan, number))) for _ in range(2)]
    for epoch in epochs:
        assert sorted(epoch[epoch >= 0]) == list(range(len(LENGTHS)))
        assert (epoch < 0).sum() == number * 8 - len(LENGTHS)
    assert (epochs[0] != epochs[1]).any()


def test_a_plan_goes_on_anywhere():
    whole = list(itertools.islice(training_plan(LENGTHS, 8, seed=1), 30))
    for first in (1, 12, 13, 20):
        rest = list(itertools.islice(training_plan(LENGTHS, 8, 1, first), 30 - first))
        assert all(np.array_equal(a, b) for a, b in zip(whole[first:], rest, strict=True))


def test_rows_of_like_length_come_together():
    spread = [np.ptp(LENGTHS[b[b >= 0]]) for b in scoring_plan(LENGTHS, 8)]
    assert max(spread) < 12


@pytest.mark.text
def test_batches_are_padded_to_little_more_than_their_longest(vocabulary_dir):
    from kortf.text.tokenizer.tokenizer import load_tokenizer

    tokenizer = load_tokenizer(str(vocabulary_dir))
    texts = ["좋다", "정말 재미있는 영화였다 " * 8, ""]
    examples = [{"text": text, "label": i % 2} for i, text in enumerate(texts, 1)]
    encoded = EncodedExamples(tasks.build("nsmc"), tokenizer, examples, 64)
    batch = encoded.batch(tf.constant([0, 2, -1]))
    assert encoded.lengths[0] <= 8 and batch["token_ids"].shape == (3, encoded.lengths[0])
    assert batch["weights"].numpy().tolist() == [1.0, 1.0, 0.0]
    assert batch["padding_mask"].numpy().sum(axis=1).tolist() == encoded.lengths[[0, 2, 0]].tolist()
    cls, sep = tokenizer.vocabulary.cls_id, tokenizer.vocabulary.sep_id
    assert batch["token_ids"].numpy()[1, :3].tolist() == [cls, sep, tokenizer.vocabulary.pad_id]
    assert encoded.lengths.max() <= 64


def test_hold_back_splits_by_seed():
    rows = [{"n": i} for i in range(100)]
    kept, held = hold_back(rows, 0.05, 1)
    assert len(held) == 5 and sorted(r["n"] for r in kept + held) == list(range(100))
    assert hold_back(rows, 0.05, 1)[1] == held != hold_back(rows, 0.05, 2)[1]


@pytest.mark.text
def test_chunks_make_what_one_would(vocabulary_dir, monkeypatch):
    """Also of questions whose context gives several rows, and is asked about in two chunks."""
    from kortf.text.tokenizer.tokenizer import load_tokenizer

    task, tokenizer = tasks.build("korquad", stride=4), load_tokenizer(str(vocabulary_dir))
    context = "배우들의 연기가 훌륭하고 결말도 감동적이다. " * 4
    examples = [
        {"question": "무엇이 훌륭한가", "context": context[i:], "answers": ["연기"], "start": 5 - i}
        for i in (0, 0, 0, 1, 2)
    ]
    whole = EncodedExamples(task, tokenizer, examples, 32)
    monkeypatch.setattr("kortf.train.examples.CHUNK", 2)
    parts = EncodedExamples(task, tokenizer, examples, 32)
    assert len(whole) > len(examples)
    tf.nest.map_structure(
        lambda a, b: np.testing.assert_array_equal(a.numpy(), b.numpy()),
        tf.nest.flatten(whole.rows, expand_composites=True),
        tf.nest.flatten(parts.rows, expand_composites=True),
    )
    np.testing.assert_array_equal(whole.labels, parts.labels)

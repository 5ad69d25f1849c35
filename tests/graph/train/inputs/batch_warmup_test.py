"""Batch warm-up: no row is lost or read twice, and a step's rows depend on the step alone."""

import numpy as np
import pytest
import tensorflow as tf

from kortf.errors import InputError
from kortf.train.inputs.batch_warmup import BatchWarmup

ROWS, STAGES = 8, [(8, 4), (2, 2)]


def pipeline(first_batch):
    rows = np.arange(first_batch * ROWS, 6 * ROWS)
    data = tf.data.Dataset.from_tensor_slices({"ids": np.stack([rows, -rows], axis=1)})
    return data.batch(ROWS, drop_remainder=True)


def rows_from(warmup, step):
    """Rows of each step up to the end of the stage, as a run reads them from `step` on."""
    position = warmup.position(step)
    ends = [end for end in warmup.boundaries if end > step] or [step + 2]
    steps = warmup.split(pipeline(position.batch), position).take(ends[0] - step)
    return [features["ids"].numpy() for features in steps]


def test_every_row_is_read_once_and_in_the_order_of_the_pipeline():
    warmup = BatchWarmup(STAGES, ROWS)
    read, step = [], 0
    while len(read) < 12:
        found = rows_from(warmup, step)
        read += found
        step += len(found)
    assert [len(rows) for rows in read] == [2] * 8 + [4] * 2 + [8] * 2
    values = np.concatenate([rows[:, 0] for rows in read])
    assert sorted(values) == list(range(5 * ROWS))
    for rows in read:
        np.testing.assert_array_equal(rows[:, 1], -rows[:, 0])
        assert len({row // ROWS for row in rows[:, 0]}) == 1  # of one batch


def test_a_run_that_resumes_reads_the_same_rows():
    warmup = BatchWarmup(STAGES, ROWS)
    whole = rows_from(warmup, 0)
    for step in range(1, 8):
        np.testing.assert_array_equal(rows_from(warmup, step), whole[step:])


def test_replicas_together_read_the_rows_of_one():
    warmup = BatchWarmup([(8, 4)], ROWS // 2)
    whole = rows_from(warmup, 0)
    halves = []
    for half in (slice(0, 4), slice(4, 8)):
        own = pipeline(0).map(lambda f, half=half: {"ids": f["ids"][half]})
        halves.append(list(warmup.split(own, warmup.position(0)).take(8)))
    for step in range(8):
        both = np.concatenate([half[step]["ids"] for half in halves])
        assert sorted(both[:, 0]) == sorted(whole[step][:, 0])


@pytest.mark.parametrize("stages", [[(3, 2)], [(4, 3)], [(4,)], [(0, 1)], [(4, 2.0)], [(-4, 2)]])
def test_stages_that_do_not_divide_are_refused(stages):
    with pytest.raises(InputError, match="config.batch_warmup"):
        BatchWarmup(stages, ROWS)


def test_a_batch_begins_at_the_first_of_its_steps():
    warmup = BatchWarmup(STAGES, ROWS)
    for batch in range(8):
        steps = [step for step in range(40) if warmup.position(step).batch == batch]
        assert warmup.step_of(batch) == steps[0] and warmup.position(steps[0]).part == 0

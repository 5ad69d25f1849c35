"""Phases of a pretraining: the learning rate of the last one, and what changes at their steps."""

import ml_collections
import pytest
import tensorflow as tf

from kortf.errors import InputError
from kortf.train.inputs.pretraining_inputs import schedule_of
from kortf.train.optim.schedule import make_schedule

PHASES = [{"until_share": 0.6, "weights": [1, 1]}, {"weights": [0, 1], "decay": "linear"}]


def config(phases=PHASES, **schedule):
    return ml_collections.ConfigDict({"steps": 10, "mixture": phases, "schedule": schedule})


def test_the_learning_rate_decays_over_the_last_phase():
    settings = schedule_of(config(name="constant", warmup_steps=2))
    rate = make_schedule(1.0, 10, **settings)
    rates = [float(rate(tf.constant(step))) for step in range(10)]
    assert rates == pytest.approx([0.5, 1, 1, 1, 1, 1, 1, 0.75, 0.5, 0.25])
    alone = schedule_of(config([{"weights": [1], "decay": "linear"}], name="constant"))
    assert alone["decay_steps"] == 10


def test_other_schedules_keep_their_settings_or_are_refused():
    usual = {"name": "linear", "warmup_steps": 2}
    assert schedule_of(config(PHASES[:1] + [{"weights": [0, 1]}], **usual)) == usual
    assert schedule_of(config((), **usual)) == usual
    with pytest.raises(InputError, match="^config.mixture"):
        schedule_of(config(**usual))

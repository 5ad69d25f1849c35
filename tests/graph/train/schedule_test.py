"""Schedules: warm-up, peak, end."""

import numpy as np
import pytest
import tensorflow as tf

from kortf.train.optim.schedule import make_schedule


def rates(**settings):
    schedule = make_schedule(1.0, 10, **settings)
    return [float(schedule(tf.constant(step))) for step in range(10)]


def test_linear_with_warm_up():
    wanted = [0.5, 1.0] + [1 - i / 8 for i in range(8)]
    np.testing.assert_allclose(rates(warmup_steps=2), wanted, atol=1e-6)


def test_cosine_and_constant():
    assert rates(name="constant") == [1.0] * 10
    cosine = rates(name="cosine", final_fraction=0.1)
    np.testing.assert_allclose(cosine[5], 0.1 + 0.9 * 0.5, atol=1e-6)
    assert cosine == sorted(cosine, reverse=True)


@pytest.mark.parametrize(
    "settings, word", [({"name": "cosin"}, "cosine"), ({"warmup_steps": 11}, "steps")]
)
def test_bad_settings_are_named(settings, word):
    with pytest.raises(ValueError, match=word):
        make_schedule(1.0, 10, **settings)

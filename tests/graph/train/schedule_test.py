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


def test_a_polynomial_of_the_given_power():
    wanted = [(1 - i / 10) ** 2 for i in range(10)]
    np.testing.assert_allclose(rates(name="polynomial", power=2.0), wanted, atol=1e-6)


@pytest.mark.parametrize("decay, at_half", [("linear", 0.5), ("cosine", 0.5), ("sqrt", 0.29289)])
def test_a_trapezoid_rises_stays_and_falls_in_its_last_steps(decay, at_half):
    found = rates(name="trapezoidal", warmup_steps=2, decay_steps=4, decay=decay)
    np.testing.assert_allclose(found[:7], [0.5] + [1.0] * 6, atol=1e-6)
    assert found[8] == pytest.approx(at_half, abs=1e-4) and found[9] < found[8] < found[7]


@pytest.mark.parametrize(
    "settings, word",
    [
        ({"name": "cosin"}, "cosine"),
        ({"warmup_steps": 11}, "steps"),
        ({"name": "trapezoidal", "warmup_steps": 8, "decay_steps": 3}, "steps"),
        ({"warmup": 1}, "warmup_steps"),
        ({"power": 0.0}, "power"),
        ({"decay": "sqr"}, "sqrt"),
    ],
)
def test_bad_settings_are_named(settings, word):
    with pytest.raises(ValueError, match=word):
        make_schedule(1.0, 10, **settings)

"""AdamW and LAMB against the formulas of their papers, written slowly in NumPy."""

import numpy as np
import pytest
import tensorflow as tf

from kortf.train.optimizer import make_optimizer

RATE, DECAY, B1, B2, EPSILON = 0.1, 0.3, 0.8, 0.9, 1e-3


def reference(name, value, gradients, decays):
    m, s = np.zeros_like(value), np.zeros_like(value)
    for t, g in enumerate(gradients, start=1):
        m = B1 * m + (1 - B1) * g
        s = B2 * s + (1 - B2) * g * g
        update = (m / (1 - B1**t)) / (np.sqrt(s / (1 - B2**t)) + EPSILON)
        update += (DECAY if decays else 0.0) * value
        ratio = 1.0
        if name == "lamb" and decays:
            ratio = np.linalg.norm(value) / np.linalg.norm(update)
        value = value - RATE * ratio * update
    return value


@pytest.mark.parametrize("name", ["adamw", "lamb"])
def test_updates_follow_the_paper(name):
    rng = np.random.default_rng(0)
    start = {"layer/kernel": rng.normal(size=(3, 4)), "layer/bias": rng.normal(size=4)}
    gradients = [{key: rng.normal(size=v.shape) for key, v in start.items()} for _ in range(3)]
    variables = {key: tf.Variable(v, dtype=tf.float32) for key, v in start.items()}
    optimizer = make_optimizer(
        name, variables, weight_decay=DECAY, beta_1=B1, beta_2=B2, epsilon=EPSILON
    )
    strategy = tf.distribute.get_strategy()
    for step, gradient in enumerate(gradients):
        doubled = [tf.constant(2 * gradient[key], tf.float32) for key in variables]
        optimizer.apply(strategy, doubled, tf.constant(0.5), tf.constant(RATE), tf.constant(step))
    for key, value in start.items():
        wanted = reference(name, value, [g[key] for g in gradients], decays="bias" not in key)
        np.testing.assert_allclose(variables[key].numpy(), wanted, atol=2e-6)


def test_lamb_leaves_a_zero_weight_movable():
    variable = tf.Variable(tf.zeros([2, 2]))
    optimizer = make_optimizer("lamb", {"kernel": variable})
    one = [tf.ones([2, 2])]
    optimizer.apply(
        tf.distribute.get_strategy(), one, tf.constant(1.0), tf.constant(0.1), tf.constant(0)
    )
    assert np.isfinite(variable.numpy()).all() and (variable.numpy() < 0).all()


def test_an_unknown_optimizer_is_named():
    with pytest.raises(ValueError, match="adamw, lamb"):
        make_optimizer("adam", {})

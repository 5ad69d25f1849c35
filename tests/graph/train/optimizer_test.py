"""AdamW, LAMB and Muon against the formulas of their papers, written slowly in NumPy."""

import numpy as np
import pytest
import tensorflow as tf

from kortf.train.optim.muon import orthogonal
from kortf.train.optim.optimizers import make_optimizer

RATE, DECAY, B1, B2, EPSILON = 0.1, 0.3, 0.8, 0.9, 1e-3


def reference(name, value, gradients, decays, correction=True):
    m, s = np.zeros_like(value), np.zeros_like(value)
    for t, g in enumerate(gradients, start=1):
        m = B1 * m + (1 - B1) * g
        s = B2 * s + (1 - B2) * g * g
        mean, square = (m / (1 - B1**t), s / (1 - B2**t)) if correction else (m, s)
        update = mean / (np.sqrt(square) + EPSILON)
        update += (DECAY if decays else 0.0) * value
        ratio = 1.0
        if name == "stable_adamw":
            ratio = 1 / max(1.0, np.sqrt(np.mean(g * g / np.maximum(square, EPSILON**2))))
        if name == "lamb" and decays:
            ratio = np.linalg.norm(value) / np.linalg.norm(update)
        value = value - RATE * ratio * update
    return value


@pytest.mark.parametrize("correction", [True, False])
@pytest.mark.parametrize("name", ["adamw", "stable_adamw", "lamb"])
def test_updates_follow_the_paper(name, correction):
    rng = np.random.default_rng(0)
    start = {"layer/kernel": rng.normal(size=(3, 4)), "layer/bias": rng.normal(size=4)}
    gradients = [{key: rng.normal(size=v.shape) for key, v in start.items()} for _ in range(3)]
    variables = {key: tf.Variable(v, dtype=tf.float32) for key, v in start.items()}
    optimizer = make_optimizer(
        name, variables, weight_decay=DECAY, beta_1=B1, beta_2=B2, epsilon=EPSILON,
        bias_correction=correction,
    )  # fmt: skip
    strategy = tf.distribute.get_strategy()
    for step, gradient in enumerate(gradients):
        doubled = [tf.constant(2 * gradient[key], tf.float32) for key in variables]
        optimizer.apply(strategy, doubled, tf.constant(0.5), tf.constant(RATE), tf.constant(step))
    for key, value in start.items():
        own, decays = [g[key] for g in gradients], "bias" not in key
        wanted = reference(name, value, own, decays, correction)
        np.testing.assert_allclose(variables[key].numpy(), wanted, atol=2e-6)


@pytest.mark.parametrize("shape", [(5, 5), (4, 12), (12, 4)])
def test_orthogonal_keeps_the_singular_vectors_and_evens_their_values(shape):
    matrix = np.random.default_rng(0).normal(size=shape)
    left, values, right = np.linalg.svd(matrix, full_matrices=False)
    values = values / np.linalg.norm(matrix)
    for _ in range(5):
        values = 3.4445 * values - 4.7750 * values**3 + 2.0315 * values**5
    found = orthogonal(tf.constant(matrix, tf.float32), tf.float32)
    np.testing.assert_allclose(found, left * values @ right, atol=1e-4)
    rounded = tf.cast(orthogonal(tf.constant(matrix, tf.float32)), tf.float32)
    assert 0.6 < np.linalg.svd(rounded)[1].min() and np.linalg.svd(rounded)[1].max() < 1.3


def test_muon_moves_the_matrices_of_the_layers_and_adamw_the_rest():
    rng = np.random.default_rng(0)
    shapes = {
        "encoder/layers/layer_0/query_kernel": (4, 6),
        "encoder/layers/layer_0/query_bias": (6,),
        "encoder/embedding/embeddings": (7, 4),
    }
    start = {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    gradients = [tf.constant(rng.normal(size=shape), tf.float32) for shape in shapes.values()]
    moved = {}
    for kind in ("muon", "adamw"):
        variables = {name: tf.Variable(value) for name, value in start.items()}
        optimizer = make_optimizer(kind, variables, weight_decay=DECAY)
        for step in range(2):
            optimizer.apply(
                tf.distribute.get_strategy(), gradients, tf.constant(1.0), tf.constant(RATE),
                tf.constant(step), step == 0,
            )  # fmt: skip
        moved[kind] = {name: variable.numpy() for name, variable in variables.items()}
        kept = sum(int(tf.size(slot)) for slot in optimizer.state().values())
        assert kept == {"adamw": 2 * 24, "muon": 24}[kind] + 2 * (6 + 28)
    matrix, *rest = shapes
    for name in rest:
        np.testing.assert_array_equal(moved["muon"][name], moved["adamw"][name])
    # The first step's momentum is the gradient times a number: its size does not matter.
    direction = tf.cast(orthogonal(gradients[0]), tf.float32)
    wanted = start[matrix] * (1 - RATE * DECAY) - RATE * 0.2 * 6**0.5 * direction
    np.testing.assert_allclose(moved["muon"][matrix], wanted, atol=0.03 * RATE)


def test_lamb_leaves_a_zero_weight_movable():
    variable = tf.Variable(tf.zeros([2, 2]))
    optimizer = make_optimizer("lamb", {"kernel": variable})
    one = [tf.ones([2, 2])]
    optimizer.apply(
        tf.distribute.get_strategy(), one, tf.constant(1.0), tf.constant(0.1), tf.constant(0)
    )
    assert np.isfinite(variable.numpy()).all() and (variable.numpy() < 0).all()


def test_an_unknown_optimizer_is_named():
    with pytest.raises(ValueError, match="adamw"):
        make_optimizer("adam", {})

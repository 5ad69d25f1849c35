"""The fast gradient method: against a step done by hand, over replicas and micro-batches."""

import numpy as np
import pytest
import tensorflow as tf

from tests.harness.train.tiny import KINDS, Run, assert_same_weights, features

pytestmark = pytest.mark.usefixtures("quick_graphs")

TABLE = "encoder/embedding/token_embedding/embeddings"
EPSILON = 2.0


def by_hand(run: Run, batch: dict) -> tuple[list[np.ndarray], list[float]]:
    """The table is changed, read and put back: gradients of both passes added, losses of each."""
    variables = run.program.variables()
    number = float(np.sum(batch["weights"]))

    def gradients():
        with tf.GradientTape() as tape:
            loss = run.program.score(batch, None).losses["task"] / number
        found = tape.gradient(loss, list(variables.values()), unconnected_gradients="zero")
        return [tf.convert_to_tensor(g).numpy() for g in found], float(loss)

    clean, first = gradients()
    table = variables[TABLE]
    before, own = table.numpy(), clean[list(variables).index(TABLE)]
    table.assign(before + EPSILON * own / np.linalg.norm(own))
    moved, second = gradients()
    table.assign(before)
    return [a + b for a, b in zip(clean, moved, strict=True)], [first, second]


@pytest.mark.parametrize(
    "kind, encoder",
    [
        ("classes", "bert"),
        *(pytest.param(kind, "bert", marks=pytest.mark.exhaustive) for kind in list(KINDS)[1:]),
        ("classes", "reformer"),
    ],
)
def test_a_step_is_that_of_two_passes(kind, encoder):
    run = Run(kind, encoder, fgm=EPSILON)
    batch = {name: tf.constant(value) for name, value in features(kind).items()}
    expected, losses = by_hand(run, batch)
    gradients, found, _ = run.trainer._summed_gradients(batch, tf.constant(0))
    for name, a, b in zip(run.program.variables(), gradients, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=2e-5, err_msg=name)
    assert float(found["loss/task"]) == pytest.approx(losses[0], rel=1e-5)
    assert float(found["loss/adversarial"]) == pytest.approx(losses[1], rel=1e-5)
    assert losses[1] > losses[0]  # that way the loss grows
    table = run.weights()[TABLE]
    values = run.train(2)
    assert values["adversarial_loss"] > 0 and np.abs(run.weights()[TABLE] - table).max() < 0.1


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    "devices, accumulate",
    [
        pytest.param(2, 1, marks=pytest.mark.exhaustive),
        pytest.param(0, 2, marks=pytest.mark.exhaustive),
        (2, 2),
    ],
)
def test_replicas_and_micro_batches_move_it_alike(devices, accumulate):
    alone, shared = Run(fgm=EPSILON), Run(fgm=EPSILON, devices=devices, accumulate=accumulate)
    ours, theirs = alone.train(3), shared.train(3)
    for name in ("loss", "adversarial_loss", "gradient_norm"):
        assert theirs[name] == pytest.approx(ours[name], abs=1e-5), name
    assert_same_weights(alone, shared)


@pytest.mark.exhaustive
def test_half_precision_trains():
    run = Run(fgm=EPSILON, dropout=0.1, dtype="mixed_bfloat16")
    assert np.isfinite(run.train(2)["loss"])


def test_a_batch_that_teaches_nothing_moves_nothing():
    run = Run(fgm=EPSILON)
    zero = [tf.zeros_like(value) for value in run.program.variables().values()]
    assert (run.trainer.adversary.move(zero).numpy() == 0).all()

"""The fast gradient method: against rows read one by one, over replicas and micro-batches."""

import numpy as np
import pytest
import tensorflow as tf

from tests.harness.train.tiny import KINDS, Run, assert_same_weights, features

pytestmark = pytest.mark.usefixtures("quick_graphs")

TABLE = "encoder/embedding/token_embedding/embeddings"
EPSILON = 2.0


def of_one_row(run: Run, row: dict, move=0.0):
    """Loss of one row, and its gradients: of the token vectors, and of all variables but them.

    The vectors of the row are written into the table as its first rows, and read from there.
    """
    variables = run.program.variables()
    table = variables[TABLE]
    before, ids = table.numpy(), row["token_ids"][0]
    changed = before.copy()
    changed[: len(ids)] = before[ids] + move
    table.assign(changed)
    read = row | {"token_ids": np.arange(len(ids), dtype=np.int32)[None]}
    with tf.GradientTape() as tape:
        loss = run.program.score({n: tf.constant(v) for n, v in read.items()}, None).losses["task"]
    found = tape.gradient(loss, variables, unconnected_gradients="zero")
    found = {name: tf.convert_to_tensor(gradient).numpy() for name, gradient in found.items()}
    table.assign(before)
    slope = found[TABLE][: len(ids)]
    found[TABLE] = np.zeros_like(before)
    np.add.at(found[TABLE], ids, slope)
    return float(loss), slope, found


def by_hand(run: Run, batch: dict) -> tuple[list[np.ndarray], list[float]]:
    """Row after row: gradients of both passes added, losses of each pass."""
    number, losses = float(np.sum(batch["weights"])), [0.0, 0.0]
    total = {name: np.zeros(v.shape, np.float32) for name, v in run.program.variables().items()}
    for i in range(len(batch["weights"])):
        row = {name: value[i : i + 1] for name, value in batch.items()}
        _, slope, _ = of_one_row(run, row)
        length = np.linalg.norm(slope)
        moves = [0.0, EPSILON * slope / length if length else 0.0]
        for place, move in enumerate(moves):
            loss, _, gradients = of_one_row(run, row, move)
            losses[place] += loss / number
            for name, gradient in gradients.items():
                total[name] += gradient / number
    return list(total.values()), losses


@pytest.mark.parametrize(
    "kind, encoder",
    [
        ("classes", "bert"),
        *(pytest.param(kind, "bert", marks=pytest.mark.exhaustive) for kind in list(KINDS)[1:]),
        pytest.param("classes", "reformer", marks=pytest.mark.exhaustive),
    ],
)
def test_a_step_is_that_of_two_passes(kind, encoder):
    run = Run(kind, encoder, fgm=EPSILON)
    expected, losses = by_hand(run, features(kind))
    batch = {name: tf.constant(value) for name, value in features(kind).items()}
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


def test_an_example_moves_by_its_own_gradient():
    run = Run(fgm=EPSILON)
    gradient = tf.constant([[[3.0, 4.0]], [[0.0, 0.0]], [[0.0, -1e-4]]])
    expected = [[[0.6, 0.8]], [[0.0, 0.0]], [[0.0, -1.0]]]
    move = run.trainer.adversary.move(gradient, 3)
    np.testing.assert_allclose(move, EPSILON * np.array(expected), rtol=1e-5)


@pytest.mark.exhaustive
def test_both_reads_of_r_drop_and_frozen_vectors_are_moved():
    run = Run(fgm=EPSILON, r_drop=1.0, dropout=0.1, freeze_embeddings=True)
    values = run.train(2)
    assert values["adversarial_loss"] > 0 and np.isfinite(values["loss"])

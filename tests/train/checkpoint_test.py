"""Checkpoints: kept, restored bit for bit, and never taken when broken."""

import numpy as np
import pytest
import tensorflow as tf

from kortf.train.checkpoint import Checkpoints, RunState


@pytest.fixture
def variables():
    return {"a": tf.Variable([[1.0, 2.0]]), "b/c": tf.Variable(3.0)}


def save(checkpoints, step, **state):
    checkpoints.save(RunState(step=step, **state))


def test_restores_tensors_and_state(tmp_path, variables):
    checkpoints = Checkpoints(str(tmp_path), variables)
    save(checkpoints, 7, tokens=12.5, notes={"x": 1})
    variables["a"].assign([[0.0, 0.0]])
    state = checkpoints.restore_latest()
    assert (state.step, state.tokens, state.notes) == (7, 12.5, {"x": 1})
    assert variables["a"].numpy().tolist() == [[1.0, 2.0]]


def test_keeps_the_newest_and_the_best(tmp_path, variables):
    checkpoints = Checkpoints(str(tmp_path), variables, keep=2)
    save(checkpoints, 1, best_step=1)
    for step in (2, 3, 4):
        save(checkpoints, step, best_step=1)
    assert checkpoints.steps() == [1, 3, 4]


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty"])
def test_a_broken_checkpoint_is_passed_over(tmp_path, variables, damage, caplog):
    checkpoints = Checkpoints(str(tmp_path), variables)
    save(checkpoints, 1)
    variables["b/c"].assign(9.0)
    save(checkpoints, 2)
    path = tmp_path / "step-00000002.safetensors"
    data = bytearray(path.read_bytes())
    if damage == "flipped":
        data[-1] ^= 1
    path.write_bytes({"cut": data[:-3], "flipped": data, "empty": b""}[damage])
    assert checkpoints.restore_latest().step == 1
    assert float(variables["b/c"]) == 3.0
    assert "step-00000002" in caplog.text


def test_half_written_files_are_not_seen(tmp_path, variables):
    checkpoints = Checkpoints(str(tmp_path), variables)
    save(checkpoints, 1)
    (tmp_path / ".step-00000002.safetensors.x.tmp").write_bytes(b"half")
    assert checkpoints.steps() == [1]


def test_another_model_is_refused_with_both_shapes(tmp_path, variables):
    save(Checkpoints(str(tmp_path), variables), 1)
    other = {"a": tf.Variable(np.zeros((3, 2), np.float32)), "b/c": tf.Variable(0.0)}
    with pytest.raises(ValueError, match=r"tensor a: \(1, 2\) where the config asks for \(3, 2\)"):
        Checkpoints(str(tmp_path), other).restore_latest()


def test_nothing_there(tmp_path, variables):
    assert Checkpoints(str(tmp_path / "no"), variables).restore_latest() is None

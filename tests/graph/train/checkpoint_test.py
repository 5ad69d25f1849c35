"""Checkpoints: kept, restored bit for bit, and never taken when broken."""

import zlib

import numpy as np
import pytest
import safetensors.numpy
import tensorflow as tf

from kortf.errors import InputError
from kortf.train.loop.checkpoint import Checkpoints, RunState


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


DAMAGES = {
    "cut": lambda data: data[:-3],
    "empty": lambda data: b"",
    "flipped": lambda data: data[:-8] + bytes([data[-8] ^ 1]) + data[-7:],
    "checksum": lambda data: data[:-1] + bytes([data[-1] ^ 1]),
    "state": lambda data: data.replace(b'\\"tokens\\": 12', b'\\"tokens\\": 13'),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_broken_checkpoint_is_passed_over(tmp_path, variables, damage, caplog):
    checkpoints = Checkpoints(str(tmp_path), variables)
    save(checkpoints, 1)
    variables["b/c"].assign(9.0)
    save(checkpoints, 2, tokens=12.0)
    path = tmp_path / "step-00000002.safetensors"
    whole = path.read_bytes()
    path.write_bytes(DAMAGES[damage](whole))
    assert path.read_bytes() != whole
    assert checkpoints.restore_latest().step == 1
    assert float(variables["b/c"]) == 3.0
    assert "step-00000002" in caplog.text
    with pytest.raises(InputError, match="step-00000002"):
        checkpoints.restore(2)


def test_anyone_can_read_it(tmp_path, variables):
    save(Checkpoints(str(tmp_path), variables), 1)
    tensors = safetensors.numpy.load_file(tmp_path / "step-00000001.safetensors")
    data = (tmp_path / "step-00000001.safetensors").read_bytes()
    assert tensors["a"].tolist() == [[1.0, 2.0]]
    assert tensors["crc32"] == zlib.crc32(data[:-4])


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

"""A run whose files all lie far away, as in a bucket: here in TensorFlow's own memory."""

import json
import pathlib

import pytest
import tensorflow as tf

from kortf.cli.main import run_verb
from kortf.pretrained.directory.directory import from_pretrained

ROOT = pathlib.Path(__file__).parents[3]


def copy(directory, address):
    """Copies the files of a directory."""
    tf.io.gfile.makedirs(address)
    for path in pathlib.Path(directory).iterdir():
        tf.io.gfile.copy(str(path), f"{address}/{path.name}", overwrite=True)


@pytest.mark.exhaustive
def test_a_run_goes_on_far_away(records_dir, vocabulary_dir, tmp_path):
    away = f"ram://{tmp_path.name}"
    copy(records_dir, f"{away}/records")
    copy(vocabulary_dir, f"{away}/vocab")
    argv = [
        f"--config={ROOT}/configs/pretrain/bert.py:smoke", f"--records={away}/records",
        f"--vocab={away}/vocab", f"--workdir={away}/run", "--config.checkpoint_every=6",
    ]  # fmt: skip
    assert run_verb("pretrain", argv) == 0
    steps = tf.io.gfile.glob(f"{away}/run/checkpoints/*")
    assert {path.rsplit("/", 1)[1] for path in steps} == {
        "step-00000018.safetensors", "step-00000024.safetensors",
    }  # fmt: skip
    tf.io.gfile.remove(f"{away}/run/checkpoints/step-00000024.safetensors")
    before = metrics(away)
    assert run_verb("pretrain", argv) == 0  # from step 18
    after = metrics(away)
    assert [line["step"] for line in after] == sorted({line["step"] for line in before})
    assert [line["loss"] for line in after] == [line["loss"] for line in before]
    encoder = from_pretrained(f"{away}/run/model")
    assert encoder.hidden_dim == 16


def metrics(away):
    with tf.io.gfile.GFile(f"{away}/run/metrics.jsonl") as file:
        return [json.loads(line) for line in file if "loss" in json.loads(line)]

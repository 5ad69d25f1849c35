"""Whole runs through the command line: trained, killed, gone on, refused."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import safetensors.numpy
import yaml

from kortf.cli.main import run_verb
from tests import prepared

ROOT = pathlib.Path(__file__).parents[3]
CONFIG = f"--config={ROOT}/configs/pretrain/bert.py:smoke"
SETTINGS = ["--config.eval_every=12"]  # of the run that is compared with one that was killed


def pretrain(records, vocabulary, workdir, *more):
    argv = [CONFIG, f"--records={records}", f"--vocab={vocabulary}", f"--workdir={workdir}", *more]
    return run_verb("pretrain", argv)


def lines(workdir):
    return [json.loads(line) for line in (workdir / "metrics.jsonl").read_text().splitlines()]


def model(workdir):
    return safetensors.numpy.load_file(workdir / "model" / "model.safetensors")


@pytest.fixture(scope="module")
def whole(records_dir, vocabulary_dir, tmp_path_factory):
    """Work directory of a finished run: one run for all workers, a copy for each."""
    more = [f"--eval_records={records_dir}", *SETTINGS]

    def make(directory):
        assert pretrain(records_dir, vocabulary_dir, directory, *more) == 0

    workdir = tmp_path_factory.mktemp("whole") / "run"
    shutil.copytree(prepared.shared("whole", make, prepared.MODEL_CODE), workdir)
    return workdir


def test_loss_falls_and_everything_is_there(whole):
    training = [line for line in lines(whole) if "loss" in line]
    assert training[-1]["masked_lm_loss"] < training[0]["masked_lm_loss"]
    assert training[-1]["tokens_per_second"] > 0 and 0 <= training[-1]["padding"] < 1
    assert any("eval/masked_accuracy" in line for line in lines(whole))
    names = {path.name for path in whole.iterdir()}
    assert names == {".lock", "config.json", "metrics.jsonl", "tensorboard", "checkpoints", "model"}
    config = json.loads((whole / "config.json").read_text())
    assert config["config"]["steps"] == 24 and config["versions"]["kortf"]


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param([], id="float32"),
        pytest.param(
            ["--config.dtype=mixed_bfloat16", "--config.optimizer.name=muon"],
            id="bfloat16-muon",
            marks=pytest.mark.exhaustive,
        ),
    ],
)
def test_a_run_that_was_killed_goes_on_bit_for_bit(
    whole, records_dir, vocabulary_dir, tmp_path, settings
):
    """kill -9 after the first checkpoint, then the same command again."""
    more = [f"--eval_records={records_dir}", *SETTINGS, *settings]
    if settings:
        whole = tmp_path / "whole"
        assert pretrain(records_dir, vocabulary_dir, whole, *more) == 0
    more, workdir = [*more, "--config.checkpoint_every=4"], tmp_path / "killed"
    argv = [
        sys.executable, "-m", "kortf", "pretrain", CONFIG, f"--records={records_dir}",
        f"--vocab={vocabulary_dir}", f"--workdir={workdir}", *more,
    ]  # fmt: skip
    process = subprocess.Popen(argv, cwd=ROOT, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 300
    while not list(workdir.glob("checkpoints/step-*[1-9].safetensors")):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (workdir / "model").exists()
    assert pretrain(records_dir, vocabulary_dir, workdir, *more) == 0
    before, after = model(whole), model(workdir)
    assert before.keys() == after.keys()
    for name, value in before.items():
        assert np.array_equal(value, after[name]), name
    trace = [
        {line["step"]: line["loss"] for line in lines(w) if "loss" in line}
        for w in (whole, workdir)
    ]
    assert trace[0] == trace[1]


@pytest.mark.exhaustive
def test_a_run_goes_on_with_other_replicas_and_says_so(
    records_dir, vocabulary_dir, tmp_path, capsys
):
    plain = ["--config.model.dropout=0.0", "--config.checkpoint_every=12"]
    assert pretrain(records_dir, vocabulary_dir, tmp_path / "one", *plain) == 0
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    (tmp_path / "two/checkpoints/step-00000024.safetensors").unlink()
    more = [*plain, "--strategy=mirrored", "--virtual_devices=2"]
    assert pretrain(records_dir, vocabulary_dir, tmp_path / "two", *more) == 0
    assert "2 replica(s) now, 1 up to step 12" in capsys.readouterr().err
    one, two = model(tmp_path / "one"), model(tmp_path / "two")
    for name, value in one.items():
        if "key.bias" not in name:  # its gradient is nothing but rounding
            np.testing.assert_allclose(two[name], value, atol=1e-4, err_msg=name)


@pytest.mark.parametrize(
    "moment",
    [
        "checkpoints/step-00000000.safetensors",
        pytest.param("metrics.jsonl", marks=pytest.mark.exhaustive),
    ],
)
def test_sigterm_ends_with_a_checkpoint_and_its_own_status(
    records_dir, vocabulary_dir, tmp_path, moment
):
    """While the first step is traced, and between the steps."""
    argv = [
        sys.executable, "-m", "kortf", "pretrain", CONFIG, f"--records={records_dir}",
        f"--vocab={vocabulary_dir}", f"--workdir={tmp_path}", "--config.steps=100000",
    ]  # fmt: skip
    process = subprocess.Popen(argv, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 300
    while not (tmp_path / moment).exists():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=120) == 128 + signal.SIGTERM
    printed = process.stderr.read()
    assert "SIGTERM: " in printed and "run the same command again" in printed
    assert list((tmp_path / "checkpoints").iterdir())


def test_a_finished_run_is_left_as_it_is(whole, records_dir, vocabulary_dir, capsys):
    written = (whole / "model" / "model.safetensors").stat()
    capsys.readouterr()
    more = [f"--eval_records={records_dir}", *SETTINGS]
    assert pretrain(records_dir, vocabulary_dir, whole, *more) == 0
    assert "finished" in capsys.readouterr().err
    assert (whole / "model" / "model.safetensors").stat() == written


@pytest.mark.usefixtures("quick_graph")
def test_a_dry_run_estimates_and_writes_nothing(records_dir, vocabulary_dir, tmp_path, capsys):
    assert pretrain(records_dir, vocabulary_dir, tmp_path / "w", "--dry_run", "--verify") == 0
    printed = capsys.readouterr().out
    assert all(f"{name}: " in printed for name in ("weights", "time", "memory", "disk"))
    assert not (tmp_path / "w").exists()


def test_a_flipped_bit_in_records_is_found_before_training(
    records_dir, vocabulary_dir, tmp_path, capsys
):
    broken = tmp_path / "records"
    shutil.copytree(records_dir, broken)
    shard = sorted(broken.glob("*.tfrecord"))[-1]
    data = bytearray(shard.read_bytes())
    data[-20] ^= 1
    shard.write_bytes(data)
    assert pretrain(broken, vocabulary_dir, tmp_path / "w", "--verify") == 2
    assert shard.name in capsys.readouterr().err
    assert not (tmp_path / "w").exists()


def test_another_config_in_the_same_workdir_is_refused(whole, records_dir, vocabulary_dir, capsys):
    more = [f"--eval_records={records_dir}", *SETTINGS, "--config.optimizer.learning_rate=0.5"]
    assert pretrain(records_dir, vocabulary_dir, whole, *more) == 2
    assert "config.optimizer.learning_rate" in capsys.readouterr().err


def test_a_config_that_cannot_be_built_leaves_the_workdir_free(
    records_dir, vocabulary_dir, tmp_path, capsys
):
    assert pretrain(records_dir, vocabulary_dir, tmp_path, "--config.model.num_heads=3") == 2
    assert "num_heads=3 does not divide" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_another_vocabulary_is_refused(records_dir, vocabulary_dir, tmp_path, capsys):
    other = tmp_path / "vocabulary"
    other.mkdir()
    for path in pathlib.Path(vocabulary_dir).iterdir():
        (other / path.name).write_bytes(path.read_bytes())
    with open(other / "vocab.txt", "a", encoding="utf-8") as file:
        file.write("##뷁\n")
    assert pretrain(records_dir, other, tmp_path / "w") == 2
    assert "another vocabulary" in capsys.readouterr().err


def test_records_without_pairs_are_refused_for_next_sentence(
    records_dir, vocabulary_dir, tmp_path, capsys
):
    argv = [f"{CONFIG},nsp", f"--records={records_dir}", f"--vocab={vocabulary_dir}"]
    assert run_verb("pretrain", [*argv, f"--workdir={tmp_path}"]) == 2
    assert "--pairing=next_sentence" in capsys.readouterr().err


@pytest.mark.parametrize("damage", ["cut", "flipped"])
@pytest.mark.usefixtures("quick_graph")
def test_a_broken_record_is_named(records_dir, vocabulary_dir, tmp_path, capsys, damage):
    broken = tmp_path / "records"
    broken.mkdir()
    for path in pathlib.Path(records_dir).iterdir():
        (broken / path.name).write_bytes(path.read_bytes())
    shard = sorted(broken.glob("*.tfrecord"))[0]
    data = bytearray(shard.read_bytes())
    if damage == "cut":
        data = data[:-5]
    else:
        data[len(data) // 2] ^= 255
    shard.write_bytes(data)
    assert pretrain(broken, vocabulary_dir, tmp_path / "w") == 2
    error = capsys.readouterr().err
    assert shard.name in error and "record " in error and "Traceback" not in error


@pytest.mark.exhaustive
def test_a_loss_that_is_not_finite_ends_the_run(records_dir, vocabulary_dir, tmp_path, capsys):
    more = ["--config.optimizer.learning_rate=1e30", "--config.schedule.warmup_steps=0"]
    assert pretrain(records_dir, vocabulary_dir, tmp_path, *more) == 2
    error = capsys.readouterr().err
    assert "step 2: loss masked_lm is not finite (first in the gradient of encoder/" in error
    assert [path.name for path in tmp_path.glob("checkpoints/*")] == ["step-00000000.safetensors"]


@pytest.mark.text
@pytest.mark.usefixtures("quick_graph")
def test_fine_tuning_scores_once_and_goes_on(whole, sample, tmp_path):
    argv = [
        f"--config={ROOT}/configs/finetune/nsmc.py:smoke", f"--data={sample}/nsmc",
        f"--init_from={whole}/model", f"--workdir={tmp_path}",
    ]  # fmt: skip
    assert run_verb("finetune", argv) == 0
    result = json.loads((tmp_path / "eval.json").read_text())
    card = yaml.safe_load((tmp_path / "model" / "README.md").read_text().split("---\n")[1])
    metrics = card["model-index"][0]["results"][0]["metrics"]
    assert {metric["type"]: metric["value"] for metric in metrics} == result["scores"]
    assert result["scores"]["accuracy"] > 0.5
    assert result["split"] == "test" and result["seed"] == 0 and "honest" in result["protocol"]
    rows = (tmp_path / "predictions.tsv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == result["counts"]["test"] + 1
    written = os.path.getmtime(tmp_path / "model" / "model.safetensors")
    assert run_verb("finetune", argv) == 0  # nothing is left to train: the same result again
    assert json.loads((tmp_path / "eval.json").read_text())["scores"] == result["scores"]
    assert os.path.getmtime(tmp_path / "model" / "model.safetensors") >= written


def test_sizes_that_differ_are_named(whole, records_dir, vocabulary_dir, tmp_path, capsys):
    more = [f"--init_from={whole}/model", "--config.model.hidden_dim=32"]
    assert pretrain(records_dir, vocabulary_dir, tmp_path, *more) == 2
    error = capsys.readouterr().err
    assert "hidden_dim is 16 where the model has 32" in error

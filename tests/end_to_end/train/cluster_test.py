"""Two processes on this machine train what one process trains, and notice each other's end."""

import json
import pathlib
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import tensorflow as tf

from benchmarks.cluster import environments
from kortf.cli.main import run_verb
from kortf.data.streams import Part
from kortf.errors import InputError
from kortf.train.loop.devices.cluster import LOST, Cluster, distribute
from kortf.train.loop.devices.strategy import check_tf_config, make_strategy
from tests.harness.train.worker import RECIPES, train

ROOT = pathlib.Path(__file__).parents[3]


def start(*argv, log=None, workers=2):
    """A process for each worker of a cluster."""
    processes = []
    for index, environment in enumerate(environments(workers)):
        errors = open(f"{log}-{index}", "w") if log else None  # noqa: SIM115
        processes.append(
            subprocess.Popen([sys.executable, *argv], cwd=ROOT, env=environment, stderr=errors)
        )
    return processes


@pytest.mark.exhaustive
def test_two_processes_train_what_one_trains(records_dir, vocabulary_dir, tmp_path):
    argv = [str(records_dir), str(vocabulary_dir), str(tmp_path)]
    processes = start("-m", "tests.harness.train.worker", *argv)
    alone = {}
    for recipe in RECIPES:
        alone |= train(make_strategy("one"), recipe, *argv[:2])
    assert [process.wait(timeout=600) for process in processes] == [0, 0]
    with np.load(tmp_path / "weights.npz") as together:
        assert set(together) == set(alone)
        for name, value in alone.items():
            if "key_bias" not in name:  # its gradient is nothing but rounding
                np.testing.assert_allclose(together[name], value, atol=1e-6, err_msg=name)


@pytest.mark.exhaustive
def test_a_lost_worker_is_noticed_and_a_signal_ends_all(records_dir, vocabulary_dir, tmp_path):
    argv = [
        "-m", "kortf", "pretrain", f"--config={ROOT}/configs/pretrain/bert.py:smoke",
        f"--records={records_dir}", f"--vocab={vocabulary_dir}", f"--workdir={tmp_path}/run",
        "--config.steps=1000000", "--config.checkpoint_every=50", "--config.log_every=50",
    ]  # fmt: skip
    processes = start(*argv, log=tmp_path / "first")
    wait_for_checkpoint(tmp_path / "run", processes)
    processes[1].kill()
    assert processes[0].wait(timeout=300) == LOST
    assert "another worker is gone" in (tmp_path / "first-0").read_text()

    before = newest(tmp_path / "run")
    processes = start(*argv, log=tmp_path / "again")
    wait_for_checkpoint(tmp_path / "run", processes, before)
    processes[1].send_signal(signal.SIGTERM)
    assert [process.wait(timeout=300) for process in processes] == [128 + signal.SIGTERM] * 2
    chief = (tmp_path / "again-0").read_text()
    assert f"continued from step {before:,}" in chief and "run the same command again" in chief
    lines = [json.loads(line) for line in open(tmp_path / "run" / "metrics.jsonl")]
    steps = [line["step"] for line in lines]
    assert steps == sorted(set(steps))  # one of the two wrote, and nothing twice


def newest(workdir) -> int:
    """Step of the newest checkpoint; -1 where there is none."""
    found = sorted((workdir / "checkpoints").glob("step-*.safetensors"))
    return int(found[-1].stem.removeprefix("step-")) if found else -1


def wait_for_checkpoint(workdir, processes, beyond=0):
    deadline = time.monotonic() + 300
    while newest(workdir) <= beyond:
        assert time.monotonic() < deadline and all(each.poll() is None for each in processes)
        time.sleep(0.05)


@pytest.mark.parametrize(
    "text, problem",
    [
        (None, "TF_CONFIG is not set"),
        ("{", "cannot be read"),
        ('{"cluster": {"worker": ["a:1"]}}', "KeyError: 'task'"),
        (
            '{"cluster": {"worker": ["a:1", "b:1"]}, "task": {"type": "worker", "index": 2}}',
            "index 2 of 2 worker",
        ),
    ],
)
def test_a_bad_tf_config_is_refused(text, problem):
    with pytest.raises(InputError, match=problem):
        check_tf_config(text)


def test_a_tpu_that_is_not_there_is_named(records_dir, vocabulary_dir, tmp_path, capsys):
    argv = [
        f"--config={ROOT}/configs/pretrain/bert.py:smoke", f"--records={records_dir}",
        f"--vocab={vocabulary_dir}", f"--workdir={tmp_path}", "--strategy=tpu", "--tpu=none-here",
    ]  # fmt: skip
    assert run_verb("pretrain", argv) == 2
    assert "--strategy=tpu, none-here: no TPU answers" in capsys.readouterr().err


def test_virtual_devices_are_not_for_several_machines():
    with pytest.raises(InputError, match="--virtual_devices: --strategy=multiworker"):
        make_strategy("multiworker", 2)


def test_a_process_on_its_own_agrees_with_itself(tmp_path):
    cluster = Cluster(make_strategy("one"))
    cluster.check_agreement(7, "config", str(tmp_path))
    assert cluster.chief and cluster.workers == 1
    assert cluster.largest([0, 15]) == [0, 15]


def test_replicas_get_the_rows_of_the_batch_in_turn():
    parts = []

    def make(part):
        parts.append(part)
        rows = tf.data.Dataset.from_tensor_slices({"row": tf.range(8)})
        return rows.batch(4, drop_remainder=True)

    strategy = make_strategy("mirrored", 2)
    batches = iter(distribute(strategy, make))
    rows = [strategy.experimental_local_results(next(batches)["row"]) for _ in range(2)]
    assert [[row.numpy().tolist() for row in pair] for pair in rows] == [
        [[0, 1], [2, 3]],
        [[4, 5], [6, 7]],
    ]
    assert parts == [Part(0, 1)]

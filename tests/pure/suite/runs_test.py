"""Runs of a suite: order, resuming, failures, signals, runs of something else."""

import dataclasses
import sys

import pytest

from kortf.errors import InputError
from kortf.suite.plan import make_plan
from kortf.suite.runs import launch_process, run_suite
from tests.pure.suite.conftest import FILES, Launcher, build, make_benchmark

ALL = [(name, seed) for name in ("nsmc", "kobest_copa", "text_pair") for seed in (1, 2)]


def run(plan, suite, launcher):
    return list(run_suite(plan, suite, launcher, lambda line: None))


def test_each_benchmark_runs_with_each_seed(plan, suite, launcher):
    assert run(plan, suite, launcher) == [(name, 0) for name, _ in ALL]
    assert launcher.calls == ALL


def test_finished_runs_are_skipped(plan, suite, launcher, tmp_path):
    run(plan, suite, launcher)
    again = Launcher(plan, suite)
    assert len(run(plan, suite, again)) == len(ALL) and again.calls == []
    (tmp_path / "w" / "nsmc" / "seed-2" / "eval.json").unlink()
    launcher.write = lambda *_: None
    launcher.calls.clear()
    run(plan, suite, launcher)
    assert launcher.calls == [("nsmc", 2)]


def test_a_failed_benchmark_is_left_and_the_others_run(plan, suite):
    launcher = Launcher(plan, suite, {"kobest_copa": 2})
    found = run(plan, suite, launcher)
    assert launcher.calls == [*ALL[:3], *ALL[4:]]
    assert ("kobest_copa", 2) in found


@pytest.mark.parametrize("status", [130, 143, -9])
def test_a_signal_ends_the_suite(plan, suite, status):
    launcher = Launcher(plan, suite, {"kobest_copa": status})
    assert run(plan, suite, launcher)[-1] == ("kobest_copa", status)
    assert launcher.calls == ALL[:3]


def test_runs_of_another_model_config_or_data_are_refused(plan, suite, launcher, data, tmp_path):
    run(plan, suite, launcher)

    def refused(plan, suite) -> str:
        with pytest.raises(InputError) as caught:
            run(plan, suite, launcher)
        assert caught.value.parts[0].startswith(str(tmp_path / "w"))
        return str(caught.value)

    other = [make_benchmark(name, epochs=2) for name in FILES]
    assert "config.epochs" in refused(make_plan(other, str(data), build), suite)
    assert "protocol" in refused(plan, dataclasses.replace(suite, protocol="koelectra"))
    (data / "films" / "ratings_train.txt").write_text("나")
    assert "ratings_train.txt" in refused(plan, suite)
    (tmp_path / "model" / "config.json").write_text('{"model_type": "albert"}')
    assert "another model" in refused(plan, suite)


def test_commands_are_those_of_finetune(plan, suite):
    command = suite.command(plan.planned[0], 2)
    assert command[0] == "finetune"
    assert {"--config.seed=2", "--protocol=honest", f"--init_from={suite.model}"} <= set(command)


def test_a_run_has_a_process_of_its_own(capfd):
    assert launch_process(["--version"]) == 0
    assert launch_process(["nothing"]) == 2
    assert "kortf nothing" in capfd.readouterr().err
    assert sys.executable

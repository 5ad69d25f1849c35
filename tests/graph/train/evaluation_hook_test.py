"""The evaluation hook: which steps are kept, when a run ends early, and how it continues."""

import pytest

from kortf.train.loop.checkpoint import Checkpoints, RunState
from kortf.train.loop.evaluation import evaluation_hook
from kortf.train.loop.progress import Progress
from kortf.train.loop.run import Run
from tests.graph.train.diagnosis_test import STEPS, Training

QUALITY = {2: 0.5, 4: 0.7, 6: 0.7, 8: 0.6, 10: 0.9, 12: 0.8}  # by step


class Evaluated(Training):
    """A training that is evaluated each two steps, with the given qualities."""

    def batches(self, step):
        return super().batches(min(step, STEPS - 1))

    def run(self, until=STEPS, **options) -> Run:
        self.checkpoints = Checkpoints(str(self.workdir / "checkpoints"), self.variables, keep=1)
        state = self.checkpoints.restore_latest() or RunState()
        progress = Progress(str(self.workdir), STEPS, state.step)
        run = Run(self.trainer, self.checkpoints, progress, state, STEPS)
        self.asked = []

        def evaluate():
            self.asked.append(run.state.step)
            return {"accuracy": QUALITY[run.state.step]}

        def kill(run):
            if run.state.step == until:
                raise KeyboardInterrupt

        hook = evaluation_hook(evaluate, lambda values: values["accuracy"], **options)
        run.every(2, hook, at_stop=False)
        run.every(3, run.save)
        if until < STEPS:
            run.every(1, kill)
        run.train(self.batches)
        return run


@pytest.fixture(scope="module")
def training(tmp_path_factory):
    return Evaluated(tmp_path_factory.mktemp("run"))


@pytest.fixture
def fresh(training, tmp_path):
    training.workdir = tmp_path
    for variable in training.trainer.optimizer.state().values():
        variable.assign(0 * variable)
    training.program.slope.assign([0.5, -0.5])
    training.program.scale.assign([2.0])
    return training


@pytest.mark.parametrize(
    "options, best, ended, kept",
    [
        ({}, 10, None, [10, 12]),
        ({"patience": 3}, 10, None, [10, 12]),
        ({"patience": 2}, 4, 8, [4, 8]),
        # Of the equal steps 4 and 6, the earlier one is the better.
        ({"patience": 2, "keep_best": 2}, 4, 8, [4, 6, 8]),
        ({"keep_best": 3}, 10, None, [4, 10, 12]),
    ],
)
def test_the_best_steps_are_kept(fresh, options, best, ended, kept):
    run = fresh.run(**options)
    assert (run.state.best_step, run.state.best_value) == (best, QUALITY[best])
    assert run.state.step == (ended or STEPS) and (run.ended is not None) == (ended is not None)
    assert run.finished and fresh.checkpoints.steps() == kept
    assert [step for step, _ in run.state.best] == sorted(
        (step for step in QUALITY if step <= run.state.step), key=lambda s: (-QUALITY[s], s)
    )[: options.get("keep_best", 1)]
    # The same command again does nothing.
    again = fresh.run(**options)
    assert again.finished and not fresh.asked and again.state == run.state


@pytest.mark.parametrize("until", [5, 7, 8])
def test_a_killed_run_ends_early_at_the_same_step(fresh, tmp_path, until):
    options = {"patience": 2, "keep_best": 2}
    fresh.workdir = tmp_path / "whole"
    whole, weights = fresh.run(**options), fresh.values()
    fresh.workdir = tmp_path / "killed"
    for name, variable in fresh.variables.items():
        variable.assign(0 * variable if name.startswith(("first", "second")) else variable)
    fresh.program.slope.assign([0.5, -0.5])
    fresh.program.scale.assign([2.0])
    with pytest.raises(KeyboardInterrupt):
        fresh.run(until, **options)
    killed = fresh.run(**options)
    killed.state.seconds = whole.state.seconds
    assert killed.state == whole.state
    for name, value in fresh.values().items():
        assert (value == weights[name]).all(), name


def test_a_judge_may_end_the_run(fresh):
    run = fresh.run(judge=lambda run, value: run.end("pruned") if value >= 0.7 else None)
    assert (run.state.step, run.ended, run.finished) == (4, "pruned", True)

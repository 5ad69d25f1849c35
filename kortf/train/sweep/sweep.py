"""Run the trials of a sweep, and score the test part by the best of them."""

import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import ml_collections

from kortf import files
from kortf import workdir as workdirs
from kortf.errors import InputError
from kortf.locks import lock
from kortf.train.finetune import Trial
from kortf.train.loop.run import Run
from kortf.train.settings.config import kept_dtypes, resolved
from kortf.train.settings.identity import check_same_inputs, differences
from kortf.train.sweep.space import search_space, with_values
from kortf.train.sweep.study import Study
from kortf.train.sweep.table import JSON_FILE, write_table

PRUNED = "pruned: its best dev score is below the median of the trials before it"
_PARTS = 1000  # of a run, by which the evaluations of trials are compared

Train = Callable[[ml_collections.ConfigDict, str, Trial | None], int]
"""Fine-tunes: `(config, work directory, trial)` to an exit status. Without a trial, it writes the
results of a finished one."""


@dataclass(frozen=True)
class Options:
    """Settings of a sweep.

    Args:
        trials: Number of trials.
        prune: Whether a trial ends early where its best dev score is below the median.
        startup: Trials of random values before the sampler learns from them, and before pruning.
    """

    trials: int
    prune: bool = True
    startup: int = 5


class _Judge:
    """Reports the evaluations of a trial, and ends it when it is pruned."""

    def __init__(self, trial: Any, prune: bool):
        self._trial = trial
        self._prune = prune
        self.dev: float | None = None
        self.pruned = False

    def evaluated(self, run: Run, quality: float) -> None:
        with warnings.catch_warnings():  # of a step that it knows, from before an interruption
            warnings.simplefilter("ignore", UserWarning)
            self._trial.report(quality, round(_PARTS * run.state.step / run.steps))
        # At the last step there is nothing left to prune.
        if self._prune and run.state.step < run.steps and self._trial.should_prune():
            run.end(PRUNED)

    def ended(self, run: Run) -> None:
        self.dev = run.state.best_value
        self.pruned = run.ended == PRUNED


def sweep(config: ml_collections.ConfigDict, options: Options, workdir: str, train: Train) -> int:
    """Run the trials of a sweep, or those that are left; run it again to continue.

    A sweep that was stopped and continued makes the same trials as one that was not. The dev part
    alone chooses; the test part is scored by the best trial.

    Args:
        config: Config of the fine-tuning, with `search`.
        options: Settings of the sweep.
        workdir: Work directory, with a work directory `trial-N` for each trial.
        train: Function that fine-tunes.

    Returns:
        Exit status: 0, or that of the signal that ended the sweep.

    Raises:
        InputError: Optuna is not installed, the search space cannot be read, the work directory
            belongs to another sweep, or no trial was completed.
    """
    space = search_space(config)
    lock(workdir)
    _check_identity(workdir, config)
    study = Study(workdir, space, config.seed, options.startup)
    kept = kept_dtypes(config, (_directory(workdir, i) for i in range(options.trials)))
    while (trial := study.next(options.trials)) is not None:
        values, directory = study.values(trial), _directory(workdir, trial.number)
        print(f"trial {trial.number} of {options.trials}: {_listed(values)}", flush=True)
        judge = _Judge(trial, options.prune)
        keras.utils.clear_session(free_memory=False)  # or weights would get other names
        try:
            status = train(with_values(kept, values), directory, judge)
        except InputError as error:
            if not error.parts[0].startswith("step "):  # of the values: a step is not finite
                raise
            print(f"trial {trial.number} failed: {error}", flush=True)
            study.tell(trial.number, "fail")
        else:
            if status:
                return status
            state = "pruned" if judge.pruned else "complete"
            study.tell(trial.number, state, None if judge.pruned else judge.dev)
            names = (name for name in files.listdir(workdir) if name.startswith("trial-"))
            check_same_inputs(os.path.join(workdir, min(names)), directory)
        _drop_checkpoints(workdir, study)
    best = study.best()
    if best is None:
        raise InputError(workdir, "no trial was completed", "lower the learning rates of the space")
    own = with_values(kept, next(r for r in study.rows() if r["trial"] == best)["values"])
    keras.utils.clear_session(free_memory=False)
    status = train(own, _directory(workdir, best), None)
    return status or _write(workdir, config, study, best)


def _directory(workdir: str, number: int) -> str:
    return os.path.join(workdir, f"trial-{number}")


def _check_identity(workdir: str, config: ml_collections.ConfigDict) -> None:
    """Write the config of the sweep, or check that the work directory has the same one."""
    path = os.path.join(workdir, JSON_FILE)
    if files.exists(os.path.join(workdir, workdirs.CONFIG_FILE)):
        problem = "this is the work directory of a single run"
        raise InputError(workdir, problem, "name another --workdir")
    now = {"config": resolved(config)}
    before = workdirs.read_object(path) or {}
    for key, (was, given) in differences(
        {"config": before.get("config", now["config"])}, now
    ).items():
        problem = f"this sweep was made with {was!r}, now it is {given!r}"
        raise InputError(f"{path}, {key}", problem, "give the first value or another --workdir")
    files.write_json(path, before | now)


def _drop_checkpoints(workdir: str, study: Study) -> None:
    """Remove the checkpoints of all trials that have ended, but those of the best one."""
    best = study.best()
    for row in study.rows():
        directory = os.path.join(_directory(workdir, row["trial"]), workdirs.CHECKPOINTS)
        if row["trial"] != best and row["state"] != "running" and files.exists(directory):
            for name in files.listdir(directory):
                files.remove(os.path.join(directory, name))


def _write(workdir: str, config, study: Study, best: int) -> int:
    directory = _directory(workdir, best)
    result = workdirs.read_evaluation(directory) or {}
    before = workdirs.read_object(os.path.join(workdir, JSON_FILE)) or {}
    summary = {
        "config": resolved(config),
        "metric": result["metric"],
        "best": best,
        "model": os.path.join(directory, workdirs.MODEL),
        "test": result["scores"],
        # Trials that have scored the test part: more than one after a sweep got more trials.
        "scored": sorted({*before.get("scored", ()), best}),
    }
    print(write_table(workdir, study.rows(), summary))
    scores = ", ".join(f"{name} {value:.4f}" for name, value in result["scores"].items())
    print(f"best: trial {best}; test: {scores}")
    print(f"finished; written: {summary['model']}, {workdir}/sweep.json, {workdir}/sweep.md")
    return 0


def _listed(values: dict[str, Any]) -> str:
    short = (
        f"{key}={value:.4g}" if isinstance(value, float) else f"{key}={value}"
        for key, value in values.items()
    )
    return ", ".join(short)

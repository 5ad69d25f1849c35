"""Runs of a report: those that the user names, and the pretrainings they started from."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from kortf import files
from kortf.errors import InputError
from kortf.report.run import Run, read_run
from kortf.workdir import is_workdir


@dataclass(frozen=True)
class Runs:
    """Runs of a report.

    Attributes:
        pretrainings: Runs on text.
        finetunings: Runs on a task.
        origin: Path of a fine-tuning to the pretraining whose model it started from.
    """

    pretrainings: list[Run]
    finetunings: list[Run]
    origin: dict[str, Run]

    @property
    def all(self) -> list[Run]:
        """Return all runs."""
        return self.pretrainings + self.finetunings


def read_runs(workdirs: Sequence[str]) -> Runs:
    """Read work directories, and the pretrainings from which their fine-tunings started.

    Args:
        workdirs: Work directories, or directories of work directories (one for each seed).

    Raises:
        InputError: If one is not a work directory, a file is damaged, or no run has metrics yet.
    """
    if not workdirs:
        raise InputError("WORKDIR", "no work directory is named", "kortf report WORKDIR --output=…")
    found: dict[str, Run] = {}
    for path in [part for directory in workdirs for part in _members(directory)]:
        found.setdefault(os.path.realpath(path), read_run(path))
    runs, origin = list(found.values()), {}
    for run in [run for run in runs if run.is_finetuning]:
        directory = _pretraining_of(run)
        if directory is None:
            continue
        key = os.path.realpath(directory)
        origin[run.path] = found.get(key) or read_run(directory)
        if not run.config.get("reinitialize"):  # of the others only the model's sizes were taken
            found.setdefault(key, origin[run.path])
    runs = list(found.values())
    if not any(run.intervals or run.evaluation for run in runs):
        cure = "wait for the first line of its metrics.jsonl (config.log_every steps)"
        raise InputError(", ".join(workdirs), "no run has measured anything yet", cure)
    _name(runs)
    pretrainings = [run for run in runs if not run.is_finetuning]
    return Runs(pretrainings, [run for run in runs if run.is_finetuning], origin)


def _members(directory: str) -> list[str]:
    """Return a work directory itself, or the work directories directly below a directory."""
    if files.is_remote(directory) or not os.path.isdir(directory) or is_workdir(directory):
        return [directory]
    below = [os.path.join(directory, name) for name in files.listdir(directory)]
    return [path for path in below if os.path.isdir(path) and is_workdir(path)] or [directory]


def _pretraining_of(run: Run) -> str | None:
    """Return the work directory of the model that a fine-tuning started from, if it exists."""
    init_from = run.inputs.get("init_from")
    if not init_from:
        return None
    directory = os.path.dirname(init_from.rstrip("/"))
    return directory if directory and is_workdir(directory) else None


def _name(runs: Sequence[Run]) -> None:
    """Name each run by the shortest end of its path that is unique."""
    paths = {run.path: os.path.abspath(run.path).split("/") for run in runs}
    for run in runs:
        own, others = paths[run.path], [p for path, p in paths.items() if path != run.path]
        length = 1
        while length < len(own) and any(own[-length:] == other[-length:] for other in others):
            length += 1
        run.name = "/".join(own[-length:])

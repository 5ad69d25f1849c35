"""The runs of a report: those that are named, and the pretrainings that they began from."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from kortf import files
from kortf.errors import InputError
from kortf.report.run import Run, read_run
from kortf.workdir import is_workdir


@dataclass(frozen=True)
class Runs:
    """What a report speaks of.

    Attributes:
        pretrainings: runs on text.
        finetunings: runs on a task.
        origin: path of a fine-tuning to the pretraining whose model directory it was given.
    """

    pretrainings: list[Run]
    finetunings: list[Run]
    origin: dict[str, Run]

    @property
    def all(self) -> list[Run]:
        """Every run."""
        return self.pretrainings + self.finetunings


def read_runs(workdirs: Sequence[str]) -> Runs:
    """Reads work directories, and the pretrainings that the fine-tunings among them name.

    Args:
        workdirs: each a work directory, or a directory of nothing but such (one a seed).

    Raises:
        InputError: one is no work directory, a file is broken, or nothing was measured yet.
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
    """The directory, or the work directories right below it when it is none itself."""
    if files.is_remote(directory) or not os.path.isdir(directory) or is_workdir(directory):
        return [directory]
    below = [os.path.join(directory, name) for name in files.listdir(directory)]
    return [path for path in below if os.path.isdir(path) and is_workdir(path)] or [directory]


def _pretraining_of(run: Run) -> str | None:
    """The work directory of the model that a fine-tuning was given, if it is at hand."""
    init_from = run.inputs.get("init_from")
    if not init_from:
        return None
    directory = os.path.dirname(init_from.rstrip("/"))
    return directory if directory and is_workdir(directory) else None


def _name(runs: Sequence[Run]) -> None:
    """Gives each run the shortest end of its path that is its alone."""
    paths = {run.path: os.path.abspath(run.path).split("/") for run in runs}
    for run in runs:
        own, others = paths[run.path], [p for path, p in paths.items() if path != run.path]
        length = 1
        while length < len(own) and any(own[-length:] == other[-length:] for other in others):
            length += 1
        run.name = "/".join(own[-length:])

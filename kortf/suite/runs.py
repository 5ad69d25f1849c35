"""Run the fine-tunings of a suite, each in a process of its own, and skip finished ones."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import kortf
from kortf import files, workdir
from kortf.errors import InputError
from kortf.suite.plan import Plan, Planned
from kortf.train.settings.distillation import FINETUNING, recorded
from kortf.train.settings.identity import differences, model_hash

USER_ERROR = 2
# Chosen by the device, or recorded by the run itself.
_CHOSEN = ("config.dtype", "config.optimizer.dtype")


@dataclass(frozen=True)
class Suite:
    """Settings that all runs of a suite share.

    Attributes:
        model: Model directory to start from.
        directory: Work directory of the suite; runs are in `NAME/seed-N` below it.
        seeds: Seeds of each benchmark.
        flags: Further flags of `kortf finetune`.
        protocol: Protocol of the runs, as `config.protocol` has it.
    """

    model: str
    directory: str
    seeds: Sequence[int]
    flags: Sequence[str] = ()
    protocol: str = "honest"

    def workdir(self, name: str, seed: int) -> str:
        """Return the work directory of a run."""
        return os.path.join(self.directory, name, f"seed-{seed}")

    def command(self, planned: Planned, seed: int) -> list[str]:
        """Return the arguments of `kortf` that run a benchmark with a seed."""
        return [
            "finetune",
            f"--config={planned.benchmark.config_file}",
            f"--data={planned.data}",
            f"--init_from={self.model}",
            f"--workdir={self.workdir(planned.name, seed)}",
            *planned.overrides,
            f"--config.seed={seed}",
            f"--protocol={self.protocol}",
            *self.flags,
        ]


def run_suite(
    plan: Plan, suite: Suite, launch: Callable[[Sequence[str]], int], say: Callable[[str], None]
) -> Iterator[tuple[str, int]]:
    """Run what is not finished, benchmark by benchmark; yield each run's benchmark and status.

    A benchmark whose run fails is left, and the next one begins. A run that a signal ended is the
    last one.

    Args:
        plan: Plan of the suite.
        suite: Model, work directory and seeds.
        launch: Function that runs `kortf` with arguments, and returns its exit status.
        say: Function that prints a line.

    Raises:
        InputError: If a finished run in the work directory was made from another model, config or
            data.
    """
    model = model_hash([suite.model])
    for planned in plan.planned:  # before hours of training
        for seed in suite.seeds:
            if is_finished(suite.workdir(planned.name, seed)):
                _check_same(suite, planned, seed, model)
    for number, planned in enumerate(plan.planned, start=1):
        for seed in suite.seeds:
            place = f"benchmark {number} of {len(plan.planned)}: {planned.name}, seed {seed}"
            if is_finished(suite.workdir(planned.name, seed)):
                say(f"{place}: finished before")
                yield planned.name, 0
                continue
            say(place)
            status = launch(suite.command(planned, seed))
            yield planned.name, status
            if ended_by_signal(status):
                return
            if status:
                break


def is_finished(directory: str) -> bool:
    """Return whether a run has its scores and its model."""
    model = os.path.join(directory, workdir.MODEL, workdir.CONFIG_FILE)
    return workdir.read_evaluation(directory) is not None and files.exists(model)


def ended_by_signal(status: int) -> bool:
    """Return whether an exit status is that of a process that a signal ended."""
    return status < 0 or status > 128


def _check_same(suite: Suite, planned: Planned, seed: int, model: str) -> None:
    directory = suite.workdir(planned.name, seed)
    written = workdir.read_config(directory)
    cure = "give the first value again, or name another --workdir"
    place = os.path.join(directory, workdir.CONFIG_FILE)
    if written["inputs"].get("init_from_hash") != model:
        problem = f"this run began from another model than {suite.model}"
        raise InputError(place, problem, "name another --workdir")
    config = planned.benchmark.config.copy_and_resolve_references()
    config.seed, config.protocol = seed, suite.protocol
    own = {}
    for flag in planned.overrides[len(planned.benchmark.overrides) :]:
        key, _, value = flag.removeprefix("--config.task.").partition("=")
        own[key] = value
    config.task.update(own)
    given = recorded(config, None, FINETUNING)
    changed = differences({"config": written["config"]}, {"config": given})
    for key, (was, now) in changed.items():
        if key not in _CHOSEN:
            problem = f"{key} was {was!r} in this run, now it is {now!r}"
            raise InputError(place, problem, cure)
    evaluation = workdir.read_evaluation(directory) or {}
    for name, digest in (evaluation.get("data") or {}).items():
        path = os.path.join(planned.data, name)
        if not files.exists(path) or files.sha256_of(path) != digest:
            problem = f"{path} is not the file that this run read"
            raise InputError(place, problem, "name another --workdir")


def launch_process(arguments: Sequence[str]) -> int:
    """Run `kortf` in a process of its own, and return its exit status.

    The memory of a run returns to the system with its process. SIGTERM is passed on, and Ctrl-C
    reaches the process from the terminal: both end it with a checkpoint.
    """
    root = os.path.dirname(os.path.dirname(os.path.abspath(kortf.__file__)))
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    process = subprocess.Popen(
        [sys.executable, "-m", "kortf", *arguments], env={**os.environ, "PYTHONPATH": path}
    )
    before = signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    try:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue  # it saves a checkpoint
    finally:
        signal.signal(signal.SIGTERM, before)

"""Plan of a suite: the data of each benchmark, and the order of the runs."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import ml_collections

from kortf import files
from kortf.errors import InputError
from kortf.suite.suites import SUITES

# Folders below --data in which a benchmark's files are looked for by name.
DEPTH = 3
# Names that many data sets have: such files are only looked for in a folder of the benchmark.
COMMON_NAMES = ("train", "dev", "test", "valid", "validation")
DEV_AS_TEST = "the test part is not there; a share of the train part chose the epoch"


@dataclass(frozen=True)
class Benchmark:
    """A benchmark of a suite.

    Attributes:
        name: Name of the config, which names the row and the work directory.
        config_file: `FILE[:SIZE]`.
        config: Its config, with the overrides of the user.
        overrides: Flags `--config.key=value` that the config takes.
    """

    name: str
    config_file: str
    config: ml_collections.ConfigDict
    overrides: tuple[str, ...] = ()


@dataclass(frozen=True)
class Planned:
    """A benchmark whose files are there.

    Attributes:
        benchmark: Benchmark.
        data: Directory of its files.
        overrides: Flags of the run, those of the user included.
        scored_on: File that is scored; after a colon, the reason why it is not the test part.
        cost: Bytes of the train part times epochs; its order is the order of the runs.
    """

    benchmark: Benchmark
    data: str
    overrides: tuple[str, ...]
    scored_on: str
    cost: float

    @property
    def name(self) -> str:
        """Name of the benchmark."""
        return self.benchmark.name


@dataclass(frozen=True)
class Plan:
    """Runs of a suite.

    Attributes:
        planned: Benchmarks that are run, the cheapest first.
        missing: Name of a benchmark to the file that is not there.
    """

    planned: list[Planned]
    missing: dict[str, str]


def make_plan(
    benchmarks: Sequence[Benchmark], data: str, build: Callable, needs_dev: bool = True
) -> Plan:
    """Find the files of each benchmark, and sort the benchmarks by cost.

    Args:
        benchmarks: Benchmarks of the suite.
        data: Directory of all data sets.
        build: Function that builds a task from the settings in `config.task`.
        needs_dev: Whether the dev part is read.

    Raises:
        InputError: If there is no such directory, or several folders hold the files of a benchmark.
    """
    if not os.path.isdir(data):
        cure = "name the directory of the data sets"
        raise InputError(f"--data={data}", "no such directory", cure)
    planned, missing = [], {}
    for benchmark in benchmarks:
        task = build(**benchmark.config.task)
        parts = {
            "train": _files(task, task.train_file),
            "dev": _files(task, task.dev_file) if task.dev_file and needs_dev else [],
            "test": _files(task, task.test_file),
        }
        directory = _find(benchmark.name, parts["train"], data)
        if directory is None:
            missing[benchmark.name] = f"no {parts['train'][0]} in {data}"
            continue
        absent = [n for names in parts.values() for n in names if not _there(directory, n)]
        overrides, scored_on = benchmark.overrides, task.test_file
        if absent and absent == parts["test"] and parts["dev"] and needs_dev:
            swap = (f"--config.task.test_file={task.dev_file}", "--config.task.dev_file=")
            overrides, scored_on, absent = (
                (*overrides, *swap),
                f"{task.dev_file}: {DEV_AS_TEST}",
                [],
            )
        if absent:
            missing[benchmark.name] = f"no {absent[0]} in {directory}"
            continue
        size = sum(files.size(os.path.join(directory, name)) for name in parts["train"])
        cost = float(size * benchmark.config.epochs)
        planned.append(Planned(benchmark, directory, overrides, scored_on, cost))
    planned.sort(key=lambda each: (each.cost, each.name))
    return Plan(planned, missing)


def _files(task, part: str) -> list[str]:
    """Return the published files of a part, without slices."""
    names = [name.partition("[")[0] for name in part.split(",")]
    return [file for name in names for file in task.files(name)]


def _there(directory: str, name: str) -> bool:
    return files.exists(os.path.join(directory, name))


def _find(name: str, train: Sequence[str], data: str) -> str | None:
    """Return the directory below `data` that holds the first train file; None if there is none.

    The folder of the benchmark's own name wins, then that of its family (`klue`, `kobest`), then
    `data` itself, then any folder that holds a file of that name.
    """
    family = next((suite for suite in SUITES if name.startswith(f"{suite}_")), name)
    own = [os.path.join(data, folder) for folder in dict.fromkeys((name, family))]
    common = train[0].partition(".")[0] in COMMON_NAMES
    for directory in own if common else [*own, data]:
        if _there(directory, train[0]):
            return directory
    if common:
        return None
    found = [directory for directory in _folders(data) if _there(directory, train[0])]
    if len(found) > 1:
        problem = f"{' and '.join(found[:2])} both hold {train[0]}"
        cure = f"name one of them {os.path.join(data, name)}"
        raise InputError(f"--data={data}", problem, cure)
    return found[0] if found else None


def _folders(data: str) -> list[str]:
    found, level = [], [data]
    for _ in range(DEPTH):
        level = [
            os.path.join(directory, name)
            for directory in level
            for name in sorted(os.listdir(directory))
            if not name.startswith(".") and os.path.isdir(os.path.join(directory, name))
        ]
        found += level
    return found

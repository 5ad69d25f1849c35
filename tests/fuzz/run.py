"""Run mutated inputs in processes of their own, and report every failure.

Anything but a clean result or an `InputError`, more than ten seconds, or 1 GB of new memory is a
failure; so is the death of the process.
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from typing import NamedTuple

from kortf.errors import InputError
from tests.fuzz.mutation import mutate

SECONDS = 10
MEGABYTES = 1_000
ROOT = pathlib.Path(__file__).parents[2]


class Failure(NamedTuple):
    """An input that a reader does not survive.

    Attributes:
        target: Name of the reader.
        seed: Seed of the mutation.
        problem: Last line of the traceback, or the kind of death.
    """

    target: str
    seed: int
    problem: str


def fuzz(names: list[str], first: int, count: int) -> list[Failure]:
    """Run seeds `first` … `first + count - 1` of each target; return the failures."""
    failures: list[Failure] = []
    todo = [(name, first) for name in names]
    while todo:
        with tempfile.TemporaryDirectory() as directory:
            log = pathlib.Path(directory, "log")
            argv = [sys.executable, "-m", "tests.fuzz.run", directory, str(first + count)]
            done = subprocess.run([*argv, json.dumps(todo)], cwd=ROOT, capture_output=True)
            lines = [json.loads(line) for line in log.read_text().splitlines()]
        failures += [Failure(*line["failed"]) for line in lines if "failed" in line]
        if done.returncode == 0:
            return failures
        begun = [line["begun"] for line in lines if "begun" in line]
        if not begun:
            raise RuntimeError(done.stderr.decode(errors="replace")[-2000:])
        name, seed = begun[-1]
        failures.append(Failure(name, seed, f"the process ended with {done.returncode}"))
        rest = [each for each, _ in todo]
        todo = [(name, seed + 1), *((each, first) for each in rest[rest.index(name) + 1 :])]
    return failures


def content(target: str, seed: int) -> bytes:
    """Return the input of a failure."""
    from tests.fuzz.targets import targets

    return mutate(targets()[target].seeds(), seed)


def _work(directory: str, stop: int, todo: list) -> None:
    from tests.fuzz.targets import targets

    known = targets()
    with open(os.path.join(directory, "log"), "w", buffering=1) as log:
        for name, first in todo:
            seeds = known[name].seeds()
            for seed in range(first, stop):
                print(json.dumps({"begun": [name, seed]}), file=log)
                problem = _problem(known[name].read, mutate(seeds, seed), directory)
                if problem:
                    print(json.dumps({"failed": [name, seed, problem]}), file=log)


def _problem(read, data: bytes, directory: str) -> str | None:
    place = pathlib.Path(directory, "input")
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    before = _resident_mb()
    # Seconds of the processor: at a low priority the clock says nothing.
    signal.signal(signal.SIGPROF, _too_slow)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        read(place, data)
    except InputError as error:
        str(error).encode()  # a message that cannot be printed is a failure
    except MemoryError:
        return "MemoryError"
    except BaseException as error:
        return traceback.format_exception_only(error)[-1].strip()[:300]
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    grown = _resident_mb() - before
    return f"{grown} MB more memory" if grown > MEGABYTES else None


def _too_slow(*_):
    raise TimeoutError(f"more than {SECONDS} s")


def _resident_mb() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20


if __name__ == "__main__":
    _work(sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3]))

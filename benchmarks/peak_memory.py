"""Peak memory (Linux): of a command with all its processes, or of some work in a process."""

import contextlib
import glob
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_SECONDS_BETWEEN_LOOKS = 0.1


def run(command: list[str]) -> tuple[float, int]:
    """Runs a command to its end, quietly.

    Returns:
        Seconds it took, and the peak resident bytes of its largest process.

    Raises:
        SystemExit: when it fails; its output is shown.
    """
    began = time.perf_counter()
    peak = 0
    # A file, as a pipe that nobody empties would stop a talkative command.
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        while process.poll() is None:
            peak = max([peak, *map(_peak_of, _family(process.pid))])
            time.sleep(_SECONDS_BETWEEN_LOOKS)
        seconds = time.perf_counter() - began
        if process.returncode:
            output.seek(0)
            said = output.read()[-4000:].decode(errors="replace")
            sys.exit(f"{' '.join(command)} ended with status {process.returncode}\n{said}")
    return seconds, peak


def _family(pid: int) -> list[int]:
    found = [pid]
    for path in glob.glob(f"/proc/{pid}/task/*/children"):
        try:
            with open(path) as file:
                children = file.read().split()
        except OSError:  # it has ended meanwhile
            continue
        for child in children:
            found += _family(int(child))
    return found


class Growth(NamedTuple):
    """Peak resident bytes of a process before some work, and what they grew by in it."""

    before: int
    grown: int


def growth(command: Sequence[str], limit: float | None = None) -> Growth:
    """Run `measured` in a new Python process and return its result.

    Args:
        command: arguments of the interpreter.
        limit: Seconds after which the process is ended.

    Raises:
        subprocess.TimeoutExpired: The process was ended.
    """
    argv = [sys.executable, *command]
    done = subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=True, timeout=limit)
    return Growth(*map(int, done.stdout.split()[-2:]))


@contextlib.contextmanager
def measured(apart: int = 0) -> Iterator[None]:
    """Says, once the work is done, what `growth` reads; the last that the process may say.

    Args:
        apart: bytes of the work that count as if they had been there before.
    """
    before = _peak_of(os.getpid()) + apart
    yield
    print(before, _peak_of(os.getpid()) - before, flush=True)


def _peak_of(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/status") as file:
            for line in file:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0

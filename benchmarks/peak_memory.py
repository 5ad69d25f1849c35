"""Peak memory (Linux): of a command with all its processes, or of this process."""

import glob
import os
import subprocess
import sys
import tempfile
import time

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


def own_peak() -> int:
    """Peak resident bytes of this process."""
    return _peak_of(os.getpid())


def _peak_of(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/status") as file:
            for line in file:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0

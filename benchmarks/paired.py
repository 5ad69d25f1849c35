"""Paired timing: each rival runs in a process of its own, and they take turns.

Rivals in one process disturb each other (allocators, thread pools, compiled programs). So
`take_turns` starts the running program once more for each rival. Such a copy runs the same set-up
until it reaches the same call of `take_turns`, and then waits for its turns. The machine may slow
down meanwhile: it slows all of them, because the turns alternate.
"""

import math
import os
import select
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

Rivals = dict[str, Callable[[], None]]

# Set in the copies: number of the call, name of the rival, file descriptors to read and to write.
_ROLE = "KORTF_BENCHMARK_RIVAL"
_calls = 0


def take_turns(
    rivals: Rivals, rounds: int, warmup: int = 1, limit: float | None = None
) -> dict[str, list[float]]:
    """Return the seconds of each rival in each round.

    Args:
        rivals: Name to a function that does the work once.
        rounds: Number of counted rounds; their order alternates.
        warmup: Number of rounds before them that are not counted.
        limit: Longest turn in seconds, for rivals that may be very slow. A rival that takes longer
            is ended. Each turn is then logged on stderr.

    Returns:
        Name to `rounds` times; infinite times for a rival that was ended.
    """
    global _calls
    _calls += 1
    role = os.environ.get(_ROLE)
    if role is None:
        return _lead(rivals, rounds, warmup, limit)
    call, name, reading, writing = role.split("\n")
    if _calls < int(call):  # an earlier comparison: only its effects are needed
        return {each: [_seconds(work)] * rounds for each, work in rivals.items()}
    with os.fdopen(int(reading)) as turns, os.fdopen(int(writing), "w") as times:
        print("ready", file=times, flush=True)
        for _ in turns:
            print(_seconds(rivals[name]), file=times, flush=True)
    os._exit(0)


def _lead(rivals: Rivals, rounds: int, warmup: int, limit: float | None) -> dict[str, list[float]]:
    """Start a process for each rival and give them turns."""
    processes = {name: _Rival(name) for name in rivals}
    try:
        for process in processes.values():
            process.answer()  # its set-up is done
        times: dict[str, list[float]] = {name: [] for name in rivals}
        for number in range(warmup + rounds):
            order = list(rivals) if number % 2 else list(reversed(rivals))
            for name in order:
                seconds = processes[name].turn(limit)
                if limit is not None:
                    _log(f"round {number + 1} of {warmup + rounds}, {name}", seconds, limit)
                if number >= warmup:
                    times[name].append(seconds)
        return {name: _whole(values) for name, values in times.items()}
    finally:
        for process in processes.values():
            process.end()


def _log(turn: str, seconds: float, limit: float) -> None:
    taken = f"{seconds:.3g} s" if seconds < math.inf else f"ended, over {limit:g} s"
    print(f"{turn}: {taken}", file=sys.stderr, flush=True)


def _whole(values: list[float]) -> list[float]:
    """Return the times, or infinite ones if the rival was ended in one of its turns."""
    return [math.inf] * len(values) if math.inf in values else values


class _Rival:
    """A copy of this program that runs one rival when told to."""

    def __init__(self, name: str):
        turns, self._turns = os.pipe()
        self._times, times = os.pipe()
        role = "\n".join((str(_calls), name, str(turns), str(times)))
        self._process = subprocess.Popen(
            sys.orig_argv,
            env={**os.environ, _ROLE: role},
            pass_fds=(turns, times),
            stdout=subprocess.DEVNULL,
        )
        os.close(turns)
        os.close(times)
        self._name, self._reader = name, os.fdopen(self._times)

    def turn(self, limit: float | None = None) -> float:
        """Return the seconds of a turn; infinite once one took longer than the limit."""
        if self._process is None:
            return math.inf
        os.write(self._turns, b"\n")
        if limit is not None and not select.select([self._reader], [], [], limit)[0]:
            self._process.kill()
            self._process.wait()
            self._process = None
            return math.inf
        return float(self.answer())

    def answer(self) -> str:
        line = self._reader.readline()
        if not line:
            raise RuntimeError(f"the process of '{self._name}' ended; see its errors above")
        return line

    def end(self) -> None:
        os.close(self._turns)  # ends its loop
        if self._process is not None:
            self._process.wait()
        self._reader.close()


def _seconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def lazy(make: Callable[[], Callable[[], None]]) -> Callable[[], None]:
    """Return work that is set up when it is first done, in the process that does it.

    Args:
        make: Sets the work up and returns it.
    """
    made: list[Callable[[], None]] = []

    def work():
        if not made:
            made.append(make())
        made[0]()

    return work


def ratio(times: dict[str, list[float]], ours: str, theirs: str) -> float:
    """Return the median over the rounds of (their time / our time); above 1 ours is faster.

    Example:
        >>> ratio({"a": [1.0, 2.0, 1.0], "b": [2.0, 3.0, 3.0]}, "a", "b")
        2.0
    """
    return statistics.median(t / o for o, t in zip(times[ours], times[theirs], strict=True))


def table(times: dict[str, list[float]], ours: str, unit: float = 1.0, label: str = "s") -> str:
    """Return a Markdown table: median, fastest, slowest, and the ratio to ours.

    Args:
        times: Result of `take_turns`.
        ours: Name of our row.
        unit: Divisor of a time or, for a rate (label ending in `/s`), work done each round.
        label: Label of the unit.

    Returns:
        The table.
    """
    rate = label.endswith("/s")
    lines = [f"| | {label}, median | min | max | time / ours |", "|---|---|---|---|---|"]
    for name, values in times.items():
        if math.inf in values:
            lines.append(f"| {name} | ended: a turn was too long | | | |")
            continue
        shown = [unit / v if rate else v / unit for v in values]
        numbers = [f"{f(shown):,.4g}" for f in (statistics.median, min, max)]
        lines.append(f"| {name} | {' | '.join(numbers)} | {ratio(times, ours, name):.2f} |")
    return "\n".join(lines)

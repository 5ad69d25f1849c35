"""Paired timing: rivals take turns, so that a machine that slows down slows all of them."""

import statistics
import time
from collections.abc import Callable

Rivals = dict[str, Callable[[], None]]


def take_turns(rivals: Rivals, rounds: int, warmup: int = 1) -> dict[str, list[float]]:
    """Seconds of each rival in each round; the order turns around from round to round.

    Args:
        rivals: name to a function that does the work once.
        rounds: counted rounds.
        warmup: rounds before them that are not counted.

    Returns:
        Name to `rounds` times.
    """
    times: dict[str, list[float]] = {name: [] for name in rivals}
    for number in range(warmup + rounds):
        order = list(rivals) if number % 2 else list(reversed(rivals))
        for name in order:
            began = time.perf_counter()
            rivals[name]()
            if number >= warmup:
                times[name].append(time.perf_counter() - began)
    return times


def ratio(times: dict[str, list[float]], ours: str, theirs: str) -> float:
    """Median over the rounds of (their time / our time): above 1 we are faster.

    Example:
        >>> ratio({"a": [1.0, 2.0, 1.0], "b": [2.0, 3.0, 3.0]}, "a", "b")
        2.0
    """
    return statistics.median(t / o for o, t in zip(times[ours], times[theirs], strict=True))


def table(times: dict[str, list[float]], ours: str, unit: float = 1.0, label: str = "s") -> str:
    """A Markdown table: median, fastest, slowest, and the ratio to ours.

    Args:
        times: as `take_turns` gives them.
        ours: name of our row.
        unit: what a time is divided by or, for a rate, work done each round (label ending in `/s`).
        label: of the unit.

    Returns:
        The table.
    """
    rate = label.endswith("/s")
    lines = [f"| | {label}, median | min | max | time / ours |", "|---|---|---|---|---|"]
    for name, values in times.items():
        shown = [unit / v if rate else v / unit for v in values]
        numbers = [f"{f(shown):,.4g}" for f in (statistics.median, min, max)]
        lines.append(f"| {name} | {' | '.join(numbers)} | {ratio(times, ours, name):.2f} |")
    return "\n".join(lines)

"""The source of each row of a mixture, a pure function of (seed, step, row).

Counts are closed formulas in whole numbers, so that a resumed run knows how many records of each
source were read before, and shares follow the weights to within a few rows at any step.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kortf.data.mixture.phases import Phase

_UNITS = 1_000_000  # weights are rounded to millionths of their sum
FOREVER = 1 << 40  # steps


class Schedule:
    """Sources of the rows of one lane: rows that stand together in every global batch.

    Position n of a lane is its row number, counted from the first step. Sources are taken off one
    after the other: of m positions the first takes `(m * w + offset) // r`, where `w / r` is its
    share of what is left; the rest is divided among the others in the same way.

    Args:
        phases: Weights, the last phase without an end.
        rows: Rows of the lane in a batch.
        seed: Seed of the offsets.
        lane: Number of the lane.

    Example: of weights 3 and 1 with offset 1 of 4, the sources of 8 positions are
        0 0 1 0 0 0 1 0.
    """

    def __init__(self, phases: Sequence[Phase], rows: int, seed: int, lane: int = 0):
        self._rows = rows
        self._phases = []
        start = 0
        for number, phase in enumerate(phases):
            end = FOREVER if phase.until_step is None else phase.until_step
            draws = np.random.default_rng([seed, lane, number])
            self._phases.append((start * rows, end * rows, _levels(phase.weights, draws)))
            start = end
        self._sources = len(phases[0].weights)

    def counts(self, step: int) -> list[int]:
        """Return the number of rows of each source before a step."""
        total = [0] * self._sources
        for start, end, levels in self._phases:
            left = max(min(step * self._rows, end) - start, 0)
            for source, weight, rest, offset in levels:
                taken = (left * weight + offset) // rest
                total[source] += taken
                left -= taken
        return total

    def segments(self, step: int) -> list[tuple[int, int, Callable[[Any], Any]]]:
        """Return the positions from a step on, phase by phase.

        Returns:
            `(first, end, choose)`: positions in the phase, and a function from positions to
            sources that works on ints, arrays and tensors of int64.
        """
        found = []
        for start, end, levels in self._phases:
            first = max(step * self._rows, start)
            if first < end:
                found.append((first - start, end - start, _Chooser(levels)))
        return found

    def sources(self, step: int, steps: int) -> np.ndarray:
        """Return the source of each row of some steps, int64 `[steps, rows]`."""
        wanted = steps * self._rows
        parts: list[np.ndarray] = []
        for first, end, choose in self.segments(step):
            count = min(end - first, wanted - sum(map(len, parts)))
            parts.append(choose(np.arange(first, first + count, dtype=np.int64)))
        return np.concatenate(parts).reshape(steps, self._rows)


class _Chooser:
    def __init__(self, levels: list[tuple[int, int, int, int]]):
        self._levels = levels

    def __call__(self, position):
        """Return the source at a position; `position` may be an int, array or tensor."""
        chosen, left, undecided = position * 0, position, position * 0 + 1
        for source, weight, rest, offset in self._levels:
            before = (left * weight + offset) // rest
            taken = ((left + 1) * weight + offset) // rest - before
            chosen = chosen + undecided * taken * source
            undecided = undecided * (1 - taken)
            left = left - before
        return chosen


def _levels(weights: Sequence[float], draws) -> list[tuple[int, int, int, int]]:
    """Return `(source, weight, rest, offset)` for each source that has a weight."""
    total = math.fsum(weights)
    units = [round(weight / total * _UNITS) for weight in weights]
    units = [max(unit, 1) if weight > 0 else 0 for unit, weight in zip(units, weights, strict=True)]
    rest = sum(units)
    levels = []
    for source, unit in sorted(enumerate(units), key=lambda pair: pair[1]):
        if unit:
            levels.append((source, unit, rest, int(draws.integers(rest))))
            rest -= unit
    return levels

"""Mix several records directories by weight.

The source of each row is a pure function of (seed, step, row): counts are closed formulas in whole
numbers, so that a resumed run knows how many records of each source were read before, and shares
follow the weights to within a few rows at any step.
"""

import dataclasses
import hashlib
import itertools
import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kortf.data.records.records import RecordsInfo
from kortf.data.streams import Part, stream_count
from kortf.errors import InputError

_UNITS = 1_000_000  # weights are rounded to millionths of their sum
# Streams of records are numbered by source and lane.
MOST_SOURCES = 128
MOST_LANES = 4096
FOREVER = 1 << 40  # steps


@dataclass(frozen=True)
class Source:
    """One records directory of a mixture.

    Args:
        directory: Directory of the records.
        weight: Share of the rows, relative to the other weights; None is the number of records.
    """

    directory: str
    weight: float | None = None


@dataclass(frozen=True)
class Phase:
    """Weights that hold until a step.

    Args:
        until_step: First step of the next phase; None for the last phase.
        weights: Weight of each source, at least one above 0.
    """

    until_step: int | None
    weights: tuple[float, ...]


def parse_sources(value: str, flag: str = "--records") -> list[Source]:
    """Parse `DIR:weight,DIR:weight`.

    Raises:
        InputError: A weight is no number of at least 0, only some directories have one, or a
            directory is named twice.

    Example:
        >>> parse_sources("wiki:3,gs://bucket/web:1.5")
        [Source(directory='wiki', weight=3.0), Source(directory='gs://bucket/web', weight=1.5)]
    """
    sources = []
    for part in filter(None, (part.strip() for part in value.split(","))):
        directory, colon, weight = part.rpartition(":")
        if not colon or weight.startswith("//"):
            sources.append(Source(part))
            continue
        try:
            number = float(weight)
        except ValueError:
            sources.append(Source(part))  # a colon in the name of the directory
            continue
        if not 0 <= number < math.inf:
            raise InputError(f"{flag}={part}", "the weight must be at least 0", "give another")
        sources.append(Source(directory, number))
    if not sources:
        raise InputError(flag, "no directory is named", f"give {flag}=DIR or {flag}=DIR:1,DIR:2")
    directories = [source.directory for source in sources]
    weighted = [source.weight is not None for source in sources]
    if len(set(directories)) < len(directories):
        raise InputError(f"{flag}={value}", "a directory is named twice", "add its weights up")
    if any(weighted) and not all(weighted):
        cure = "write DIR:weight for each"
        raise InputError(f"{flag}={value}", "only some directories have a weight", cure)
    if len(sources) > MOST_SOURCES:
        cure = "join some of them into one records directory"
        raise InputError(flag, f"more than {MOST_SOURCES} directories", cure)
    return sources


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
        """Return how many rows of each source stand before a step."""
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


@dataclass(frozen=True)
class Mixture:
    """Records directories that are read together.

    Args:
        directories: Directories of the records.
        infos: Contents of their `records.json`.
        phases: Weights of the directories over the steps.
    """

    directories: tuple[str, ...]
    infos: tuple[RecordsInfo, ...]
    phases: tuple[Phase, ...]

    @property
    def info(self) -> RecordsInfo:
        """Description of all records together, with the absolute paths of all shards."""
        first = self.infos[0]
        names = ("documents", "sentences", "records", "tokens", "bytes")
        total = {name: sum(getattr(info, name) for info in self.infos) for name in names}
        seq_length = max(info.seq_length for info in self.infos)
        padding = 1 - total["tokens"] / max(total["records"] * seq_length, 1)
        files = [entry for info in self.infos for entry in info.input]
        shards = [
            dataclasses.replace(shard, file=os.path.abspath(os.path.join(directory, shard.file)))
            for directory, info in zip(self.directories, self.infos, strict=True)
            for shard in info.shards
        ]
        settings = repr(([info.key for info in self.infos], self.phases))
        key = hashlib.sha256(settings.encode()).hexdigest()
        changes = {"seq_length": seq_length, "padding_share": padding, "input": files, "key": key}
        return dataclasses.replace(first, **total, **changes, shards=shards)

    def lanes(self, batch_size: int) -> int:
        """Return the number of lanes, which no number of workers changes."""
        counts = (
            stream_count([shard.records for shard in info.shards], batch_size)
            for info in self.infos
        )
        return math.gcd(*counts)

    def own_lanes(self, batch_size: int, part: Part) -> tuple[int, range]:
        """Return the number of lanes, and the numbers of those that a worker reads.

        Raises:
            InputError: There are too few shards for so many workers.
        """
        lanes = self.lanes(batch_size)
        if lanes % part.count:
            problem = f"their shards give {lanes} streams, which {part.count} workers cannot share"
            cure = f"run kortf records --shards={part.count * 4} … for each of them"
            raise InputError(", ".join(self.directories), problem, cure)
        return lanes, range(lanes)[part.of(lanes)]

    def schedule(self, batch_size: int, seed: int, lane: int) -> Schedule:
        """Return the sources of a lane's rows."""
        return Schedule(self.phases, batch_size // self.lanes(batch_size), seed, lane)


def open_mixture(
    sources: Sequence[Source],
    read_info: Callable[[str], RecordsInfo],
    phases: Sequence[dict] | None = None,
) -> Mixture:
    """Return the mixture of some records directories.

    Args:
        sources: Directories and weights.
        read_info: Reads and checks the `records.json` of a directory.
        phases: `{"until_step": …, "weights": […]}` of each phase, instead of the weights of the
            sources; the last one has no `until_step`.

    Raises:
        InputError: The records do not fit together, or the phases are not in order.
    """
    infos = [read_info(source.directory) for source in sources]
    for source, info in zip(sources, infos, strict=True):
        for name in ("pairing", "vocabulary_hash"):
            if getattr(info, name) != getattr(infos[0], name):
                problem = f"another {name} than the records in {sources[0].directory}"
                cure = "run kortf records with the same settings for all of them"
                raise InputError(source.directory, problem, cure)
    weights = tuple(
        info.records if source.weight is None else source.weight
        for source, info in zip(sources, infos, strict=True)
    )
    made = [Phase(phase.get("until_step"), tuple(phase["weights"])) for phase in phases or ()]
    made = made or [Phase(None, weights)]
    _check_phases(made, len(sources))
    return Mixture(tuple(source.directory for source in sources), tuple(infos), tuple(made))


def _check_phases(phases: Sequence[Phase], sources: int) -> None:
    for number, phase in enumerate(phases):
        place = f"mixture, phase {number + 1}"
        if len(phase.weights) != sources:
            problem = f"{len(phase.weights)} weights for {sources} records directories"
            raise InputError(place, problem, "give one weight for each directory")
        if not all(0 <= weight < math.inf for weight in phase.weights) or not any(phase.weights):
            cure = "give numbers of at least 0, not all of them 0"
            raise InputError(place, "weights that give no shares", cure)
        if (phase.until_step is None) != (number == len(phases) - 1):
            cure = "give until_step for every phase but the last"
            raise InputError(place, "until_step is missing, or ends the last phase", cure)
    for before, after in itertools.pairwise(phases[:-1]):
        if not 0 < before.until_step < after.until_step:
            cure = "order the phases by until_step"
            raise InputError("mixture", "phases that do not follow each other", cure)

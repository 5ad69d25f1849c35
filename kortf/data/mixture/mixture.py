"""Records directories that are read together, by weight."""

import dataclasses
import hashlib
import itertools
import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kortf.data.mixture.phases import Phase
from kortf.data.mixture.schedule import FOREVER, Schedule
from kortf.data.mixture.sources import Source
from kortf.data.records.records import RecordsInfo
from kortf.data.streams import Part, stream_count
from kortf.errors import InputError

MOST_LANES = 4096


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
        lengths = [phase.seq_length for phase in self.phases]
        settings += repr(lengths) if any(lengths) else ""
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
            InputError: There are fewer shards than workers need.
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

    def phase_at(self, step: int) -> Phase:
        """Return the phase of a step."""
        ends = (FOREVER if phase.until_step is None else phase.until_step for phase in self.phases)
        return next(phase for phase, end in zip(self.phases, ends, strict=True) if step < end)

    @property
    def boundaries(self) -> list[int]:
        """Steps at which the length of the rows changes."""
        pairs = itertools.pairwise(self.phases)
        return [one.until_step for one, other in pairs if self._length(one) != self._length(other)]

    def info_at(self, step: int) -> RecordsInfo:
        """Return the description of the records with the length of the rows of a step."""
        return dataclasses.replace(self.info, seq_length=self._length(self.phase_at(step)))

    def end_of(self, step: int) -> int:
        """Return the first step behind a step whose rows have another length."""
        return next((end for end in self.boundaries if end > step), FOREVER)

    def _length(self, phase: Phase) -> int:
        return phase.seq_length or max(info.seq_length for info in self.infos)


def open_mixture(
    sources: Sequence[Source],
    read_info: Callable[[str], RecordsInfo],
    phases: Sequence[Phase] = (),
) -> Mixture:
    """Return the mixture of some records directories.

    Args:
        sources: Directories and weights.
        read_info: Reads and checks the `records.json` of a directory.
        phases: Phases, instead of the weights of the sources.

    Raises:
        InputError: The records do not fit together, or are longer than the rows of a phase.
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
    made = tuple(phases) or (Phase(None, weights),)
    for number, phase in enumerate(made, start=1):
        for source, info, weight in zip(sources, infos, phase.weights, strict=True):
            if weight and phase.seq_length and info.seq_length > phase.seq_length:
                problem = f"records of {info.seq_length} tokens in rows of {phase.seq_length}"
                cure = f"run kortf records --seq_length={phase.seq_length}, or give weight 0"
                raise InputError(f"{source.directory}, phase {number}", problem, cure)
    return Mixture(tuple(source.directory for source in sources), tuple(infos), made)

"""Divide shards into parallel streams, and streams among workers, for one global batch."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from kortf.errors import InputError


@dataclass(frozen=True)
class Part:
    """The contiguous rows of each global batch that one worker makes.

    Example:
        >>> Part(1, 4).of(8)
        slice(2, 4, None)

    Args:
        index: Index of the worker, from 0.
        count: Number of workers.
    """

    index: int = 0
    count: int = 1

    def of(self, number: int) -> slice:
        """Return the slice of this worker among `number` items, a multiple of `count`."""
        each = number // self.count
        return slice(self.index * each, (self.index + 1) * each)


WHOLE = Part()


def stream_count(shard_records: Sequence[int], batch_size: int) -> int:
    """Return the number of streams in which records are read.

    Stream s reads the shards s, s + streams, … and fills the same number of rows in each batch. The
    number divides shards and batch, so that every record is read about equally often. It does not
    depend on the number of workers, so neither do the batches. No stream holds less than half of an
    equal share.

    Example:
        >>> stream_count([100] * 16, 32), stream_count([100] * 16, 24), stream_count([3, 0], 8)
        (16, 8, 1)

    Args:
        shard_records: Number of records of each shard.
        batch_size: Rows of the global batch.
    """
    most = math.gcd(len(shard_records), batch_size)
    for streams in range(most, 1, -1):
        if most % streams == 0:
            sizes = [sum(shard_records[s::streams]) for s in range(streams)]
            if min(sizes) * 2 * streams >= sum(sizes):
                return streams
    return 1


def own_streams(
    shard_records: Sequence[int], batch_size: int, part: Part, directory: str
) -> tuple[int, range]:
    """Return the number of streams, and the numbers of those that a worker reads.

    Args:
        shard_records: Number of records of each shard.
        batch_size: Rows of the global batch.
        part: Rows of this worker.
        directory: Directory of the records, for errors.

    Raises:
        InputError: The shards are too few or too uneven for the number of workers.
    """
    streams, shards = stream_count(shard_records, batch_size), len(shard_records)
    if streams % part.count == 0:
        return streams, range(streams)[part.of(streams)]
    if shards % part.count:
        enough = -(-shards // part.count) * part.count
        problem = f"{shards} shard(s) cannot be divided evenly among {part.count} workers"
        raise InputError(directory, problem, f"run kortf records --shards={enough} …")
    raise InputError(
        directory,
        f"its {sum(shard_records):,} records are too uneven in {shards} shards for "
        f"{part.count} workers",
        f"run kortf records --shards={part.count} …, or give more text",
    )

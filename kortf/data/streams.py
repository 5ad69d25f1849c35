"""Who reads which shards: streams side by side, each worker its own, the global batch the same."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from kortf.errors import InputError


@dataclass(frozen=True)
class Part:
    """What one worker of several makes of each global batch: rows that stand together.

    Example:
        >>> Part(1, 4).of(8)
        slice(2, 4, None)

    Args:
        index: of the worker, from 0.
        count: of workers.
    """

    index: int = 0
    count: int = 1

    def of(self, number: int) -> slice:
        """This worker's among `number` things, which `count` divides."""
        each = number // self.count
        return slice(self.index * each, (self.index + 1) * each)


WHOLE = Part()


def stream_count(shard_records: Sequence[int], batch_size: int) -> int:
    """Number of streams that records are read in.

    Stream s reads the shards s, s + streams, … and fills the same number of rows in each batch. The
    number divides shards and batch, so that every record comes up about equally often; it does not
    depend on who reads, so that the batches don't either. Streams of which one would hold less than
    half of its share are not made.

    Example:
        >>> stream_count([100] * 16, 32), stream_count([100] * 16, 24), stream_count([3, 0], 8)
        (16, 8, 1)

    Args:
        shard_records: number of records of each shard.
        batch_size: rows of the global batch.
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
    """Number of all streams, and the numbers of those that a worker reads.

    Args:
        shard_records: number of records of each shard.
        batch_size: rows of the global batch.
        part: of this worker.
        directory: of the records, for the message.

    Raises:
        InputError: too few shards for so many workers, or too uneven ones.
    """
    streams, shards = stream_count(shard_records, batch_size), len(shard_records)
    if streams % part.count == 0:
        return streams, range(streams)[part.of(streams)]
    if shards % part.count:
        enough = -(-shards // part.count) * part.count
        problem = f"{shards} shard(s) cannot be shared out evenly to {part.count} workers"
        raise InputError(directory, problem, f"run kortf records --shards={enough} …")
    raise InputError(
        directory,
        f"its {sum(shard_records):,} records lie too unevenly in {shards} shards for "
        f"{part.count} workers",
        f"run kortf records --shards={part.count} …, or give more text",
    )

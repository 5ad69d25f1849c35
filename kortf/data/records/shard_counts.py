"""Counts of a finished shard, kept beside it until all shards are complete."""

import dataclasses
import os
from dataclasses import dataclass, field

from kortf import files
from kortf.data.records.records import shard_name
from kortf.errors import InputError


def sidecar_name(index: int, count: int) -> str:
    """Return the name of the hidden file with the counts of a shard.

    Example:
        >>> sidecar_name(3, 16)
        '.records-00003-of-00016.json'
    """
    return "." + shard_name(index, count).replace(".tfrecord", ".json")


@dataclass
class ShardCounts:
    """Counts of one shard.

    Args:
        key: Hash of all that the records depend on.
        records, tokens, documents, sentences: What is in it.
        positive: Records with `pair_label` 1.
        left_out: `{reason: documents}` that are in no record.
        characters: Characters of the text; not counted where the vocabulary removes nothing.
        removed: `{kind: characters}` of them that it removes.
        bytes, crc32: size and checksum of the file.
        unknown: `{"pieces", "unknown", "examples"}`, see `UnknownCounter`.
        bad_rows: `{"count", "samples", "left_out"}` of rows that were skipped, see `BadRows`.
    """

    key: str
    records: int = 0
    tokens: int = 0
    documents: int = 0
    sentences: int = 0
    positive: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    characters: int = 0
    removed: dict[str, int] = field(default_factory=dict)
    bytes: int = 0
    crc32: int = 0
    unknown: dict = field(default_factory=dict)
    bad_rows: dict = field(default_factory=dict)

    def leave_out(self, reason: str, documents: int = 1) -> None:
        """Count documents that are in no record."""
        if documents:
            self.left_out[reason] = self.left_out.get(reason, 0) + documents

    def write(self, directory: str, index: int, count: int) -> None:
        """Write the sidecar of shard `index`."""
        path = os.path.join(directory, sidecar_name(index, count))
        files.write_json(path, dataclasses.asdict(self))

    @classmethod
    def read(cls, directory: str, index: int, count: int) -> "ShardCounts | None":
        """Read a sidecar; None if it is missing or does not match its shard."""
        path = os.path.join(directory, sidecar_name(index, count))
        shard = os.path.join(directory, shard_name(index, count))
        if not files.exists(path) or not files.exists(shard):
            return None
        try:
            counts = cls(**files.read_json(path))
        except (InputError, TypeError):
            return None
        return counts if counts.bytes == files.size(shard) else None

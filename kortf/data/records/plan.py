"""Which bytes of the raw text go into which shard, settled before any work begins.

The plan follows from the text, the settings and the seed alone. So it does not matter which worker
makes a shard, how many workers there are, or how often the work was stopped and taken up again.
"""

import hashlib
import heapq
import json
import os
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

import numpy as np

import kortf
from kortf import files
from kortf.data.corpus import blocks, compression
from kortf.data.corpus.text_file import TextFile
from kortf.errors import InputError

_BLOCKS_PER_SHARD = 8
_LEAST_BLOCK_BYTES = 4096


@dataclass(frozen=True)
class RecordsSettings:
    """What the bytes of the records depend on, besides text and vocabulary.

    Args:
        seq_length: most tokens in a record, special tokens included; at least 8.
        pairing: `none`, `next_sentence` or `sentence_order`.
        shards: number of files.
        seed: of every draw.
        min_chars: documents with fewer characters are left out.
    """

    seq_length: int = 512
    pairing: str = "none"
    shards: int = 16
    seed: int = 0
    min_chars: int = 0


class Piece(NamedTuple):
    """Bytes `[start, end)` of the unpacked text of file number `file`."""

    file: int
    start: int
    end: int


def describe_input(text_files: list[TextFile]) -> list[dict[str, Any]]:
    """Name, size and CRC-32 of each file as it lies there, for `records.json` and the key.

    A remote file is told by its time instead of its CRC, or it would have to be read twice.
    """
    return files.each(_describe, text_files, lambda file: file.path)


def _describe(file: TextFile) -> dict[str, Any]:
    entry = {"file": file.path, "format": file.format, "bytes": files.size(file.path)}
    if files.is_remote(file.path):
        return entry | {"modified": _modified(file.path)}
    return entry | {"crc32": crc32(file.path)}


def crc32(path: str) -> int:
    """CRC-32 of the bytes of a file."""
    checksum = 0
    with files.open_file(path) as file:
        while data := file.read(blocks.BLOCK_BYTES):
            checksum = zlib.crc32(data, checksum)
    return checksum


def check_unchanged(described: list[dict[str, Any]]) -> None:
    """Raises InputError when a file is not there any more as `describe_input` found it."""
    for entry in described:
        if not files.exists(entry["file"]) or files.size(entry["file"]) != entry["bytes"]:
            cure = "run the same command again with --overwrite"
            raise InputError(entry["file"], "was changed while it was read", cure)


def _modified(path: str) -> int:
    import tensorflow as tf  # here: only remote files need it

    return tf.io.gfile.stat(path).mtime_nsec


def key_of(
    settings: RecordsSettings,
    vocabulary_hash: str,
    text_files: list[TextFile],
    described: list[dict[str, Any]],
) -> str:
    """Hash of everything that the records depend on; where the files lie is no part of it."""
    described = [{**entry, "file": os.path.basename(entry["file"])} for entry in described]
    value = {
        "kortf": kortf.__version__,
        "settings": asdict(settings),
        "vocabulary": vocabulary_hash,
        "input": described,
        "fields": [(file.format, file.fields) for file in text_files],
    }
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def unpack(
    text_files: list[TextFile], directory: str, advance: Callable[[int], None]
) -> list[TextFile]:
    """Unpacks compressed files into `directory`, so that workers can read from their middle.

    Args:
        text_files: all files; those that are not compressed stay where they are.
        directory: made when the first file needs it; what is there whole already is used.
        advance: told the bytes written.
    """
    return [unpack_file(number, file, directory, advance) for number, file in enumerate(text_files)]


def unpack_file(
    number: int, file: TextFile, directory: str, advance: Callable[[int], None]
) -> TextFile:
    """Unpacks a file if it is compressed, and says where its text lies then.

    Args:
        number: of the file among all.
        file: as the user named it.
        directory, advance: as `unpack` takes them.
    """
    if not compression.is_compressed(file.path):
        return file
    target = os.path.join(directory, f"{number:06d}.txt")
    if not files.exists(target):
        with (
            compression.open_bytes(file.path) as source,
            files.write_beside(target, "wb") as out,
        ):
            while data := source.read(blocks.BLOCK_BYTES):
                out.write(data)
                advance(len(data))
    return replace(file, source=target)


def deal(text_files: list[TextFile], settings: RecordsSettings) -> list[list[Piece]]:
    """Cuts all files into blocks and deals them to the shards, in random order and evenly by size.

    Returns:
        The pieces of each shard, in the order in which it takes them.

    Example: two files of 3 MB and 1 MB for two shards give each shard some 2 MB in sixteenths of
        that, from any place of either file.
    """
    sizes = files.each(lambda file: files.size(_source(file)), text_files, _source)
    target = sum(sizes) // (settings.shards * _BLOCKS_PER_SHARD)
    target = min(max(target, _LEAST_BLOCK_BYTES), blocks.BLOCK_BYTES)

    def find(file: TextFile) -> list[blocks.Block]:
        return blocks.find_blocks(_source(file), file.format, target, file.path)

    pieces = [
        Piece(number, block.start, block.end)
        for number, found in enumerate(files.each(find, text_files, _source))
        for block in found
    ]
    rng = np.random.default_rng([settings.seed, 0])
    order = [pieces[i] for i in rng.permutation(len(pieces))]
    order.sort(key=lambda piece: piece.start - piece.end)  # the largest first; else as drawn
    shards = [[] for _ in range(settings.shards)]
    heap = [(0, index) for index in range(settings.shards)]
    for piece in order:
        size, index = heapq.heappop(heap)
        shards[index].append(piece)
        heapq.heappush(heap, (size + piece.end - piece.start, index))
    return [[shard[i] for i in rng.permutation(len(shard))] for shard in shards]


def _source(file: TextFile) -> str:
    return file.source or file.path

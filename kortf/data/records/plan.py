"""Assign the bytes of the raw text to shards before any work begins.

The plan follows from the text, the settings and the seed alone: it is the same for any number of
workers and however often the work is stopped and resumed.
"""

import hashlib
import heapq
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np

import kortf
from kortf import files
from kortf.data.corpus import blocks
from kortf.data.corpus.text_file import TextFile
from kortf.data.reader import BadRows
from kortf.errors import InputError
from kortf.text.vocabulary.pair_layout import BERT, PairLayout

_BLOCKS_PER_SHARD = 8
_LEAST_BLOCK_BYTES = 4096
_COUNTS = ".json"  # behind the name of an unpacked file: what was left out of it


@dataclass(frozen=True)
class RecordsSettings:
    """Settings that the bytes of the records depend on, besides text and vocabulary.

    Args:
        seq_length: Greatest number of tokens in a record, with special tokens; at least 8.
        pairing: `none`, `next_sentence` or `sentence_order`.
        shards: Number of files.
        seed: Seed of every draw.
        min_chars: Documents with fewer characters are left out.
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
    """Return name, size and CRC-32 of each input file, for `records.json` and the key.

    A remote file has its time of modification instead of a CRC, which would read it twice.
    """
    return files.each(_describe, text_files, lambda file: file.path)


def _describe(file: TextFile) -> dict[str, Any]:
    entry = {"file": file.path, "format": file.format, "bytes": files.size(file.path)}
    if files.is_remote(file.path):
        return entry | {"modified": _modified(file.path)}
    return entry | {"crc32": files.crc32_of(file.path)}


def check_unchanged(described: list[dict[str, Any]]) -> None:
    """Raise InputError if a file has changed since `describe_input`."""
    for entry in described:
        if not files.exists(entry["file"]) or files.size(entry["file"]) != entry["bytes"]:
            cure = "run the same command again with --overwrite"
            raise InputError(entry["file"], "changed while it was read", cure)


def _modified(path: str) -> int:
    import tensorflow as tf  # here: only remote files need it

    return tf.io.gfile.stat(path).mtime_nsec


def key_of(
    settings: RecordsSettings,
    vocabulary_hash: str,
    text_files: list[TextFile],
    described: list[dict[str, Any]],
    layout: PairLayout = BERT,
) -> str:
    """Return a hash of everything that the records depend on; the paths of files do not count."""
    described = [{**entry, "file": os.path.basename(entry["file"])} for entry in described]
    value = {
        "kortf": kortf.__version__,
        "settings": asdict(settings),
        "vocabulary": vocabulary_hash,
        "input": described,
        "fields": [(file.format, file.fields) for file in text_files],
    }
    # Only where they are set: records that were begun before these settings existed go on.
    # An archive's reader knows the encoding of its members.
    encodings = [getattr(file.reader, "encoding", file.encoding) for file in text_files]
    if set(encodings) - {"utf-8"}:
        value["encodings"] = encodings
    if layout != BERT:
        value["pair_layout"] = list(layout)
    if any(file.skip_bad_rows for file in text_files):
        value["skip_bad_rows"] = True
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def unpack(
    text_files: list[TextFile], directory: str, advance: Callable[[int], None]
) -> list[TextFile]:
    """Unpack or convert the files that workers cannot read from their middle.

    Args:
        text_files: All files; plain text stays in its place.
        directory: Created when the first file needs it; files that are finished there are used.
        advance: Told the number of bytes written.
    """
    return [unpack_file(number, file, directory, advance) for number, file in enumerate(text_files)]


def unpack_file(
    number: int, file: TextFile, directory: str, advance: Callable[[int], None]
) -> TextFile:
    """Unpack or convert a file if it needs it, and return it as it is read from there.

    Args:
        number: Number of the file among all.
        file: The file as the user named it.
        directory: Directory of unpacked files.
        advance: Told the number of bytes written.
    """
    if not file.needs_unpacking():
        return file
    target = os.path.join(directory, f"{number:06d}.txt")
    counts = target + _COUNTS
    if not (files.exists(target) and files.exists(counts)):
        files.write_json(counts, file.unpack_to(target, advance).to_json())
    return file.unpacked(target)


def skipped_while_unpacking(text_files: list[TextFile]) -> BadRows:
    """Return the rows and documents that `unpack` left out, of files as it returns them."""
    total = BadRows()
    for file in text_files:
        if file.source is not None and files.exists(file.source + _COUNTS):
            total.merge(**files.read_json(file.source + _COUNTS))
    return total


def deal(text_files: list[TextFile], settings: RecordsSettings) -> list[list[Piece]]:
    """Cut all files into blocks and deal them to the shards, in random order and evenly by size.

    Returns:
        The pieces of each shard, in order.

    Example: two files of 3 MB and 1 MB for two shards give each shard some 2 MB in sixteenths of
        that, from any place of either file.
    """
    sizes = files.each(lambda file: files.size(file.plain_path), text_files, _path)
    target = sum(sizes) // (settings.shards * _BLOCKS_PER_SHARD)
    target = min(max(target, _LEAST_BLOCK_BYTES), blocks.BLOCK_BYTES)

    def find(file: TextFile) -> list[blocks.Block]:
        return file.find_blocks(target)

    pieces = [
        Piece(number, block.start, block.end)
        for number, found in enumerate(files.each(find, text_files, _path))
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


def _path(file: TextFile) -> str:
    return file.plain_path

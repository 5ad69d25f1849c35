"""Divide the raw text into parts, and name the intermediate files of a part."""

import os
from typing import Any, NamedTuple

import numpy as np

from kortf import files
from kortf.clean.passes.arrays import read_array
from kortf.clean.reporting.tally import Tally
from kortf.data.corpus.text_file import TextFile
from kortf.data.records.plan import Piece

# A part makes one output file. A killed call loses the parts in progress.
PART_BYTES = 64 << 20
LEAST_PARTS = 16
MOST_PARTS = 99_999

# Arrays of a part: name and type. `sizes` are lines per document; `lines`, `pages` and
# `documents` are fingerprints; `bands` and `signatures` have a row a document; `categories` count
# from 0.
_TYPES = {
    "sizes": np.uint32,
    "documents": np.uint64,
    "lines": np.uint64,
    "pages": np.uint64,
    "bands": np.uint64,
    "signatures": np.uint32,
    "categories": np.uint32,
}


def cut(text_files: list[TextFile], count: int = 0) -> list[list[Piece]]:
    """Cut all files into blocks, and group these in order into parts of similar size.

    Args:
        text_files: Raw text.
        count: Number of parts; 0 is one for every 64 MB, and at least 16. Never more than blocks.

    Example: two files of 3 MB and 1 MB, cut into two parts, are two megabytes of the first, and its
        third with the second file.
    """
    pieces = []
    for number, file in enumerate(text_files):
        for block in file.find_blocks():
            pieces.append(Piece(number, block.start, block.end))
    total = sum(piece.end - piece.start for piece in pieces)
    count = min(count or max(LEAST_PARTS, -(-total // PART_BYTES)), len(pieces), MOST_PARTS)
    parts: list[list[Piece]] = [[] for _ in range(count)]
    done = 0
    for piece in pieces:
        middle = done + (piece.end - piece.start) // 2
        parts[min(count - 1, middle * count // max(total, 1))].append(piece)
        done += piece.end - piece.start
    return [part for part in parts if part]


class Chunk(NamedTuple):
    """Bytes, lines and documents of one cleaned block."""

    bytes: int
    lines: int
    documents: int


class Part:
    """One part of the text after the first pass.

    Args:
        directory: Directory of intermediate files.
        index: Number of the part.
    """

    def __init__(self, directory: str, index: int):
        self._base = os.path.join(directory, f"part-{index:05d}")

    @property
    def text_path(self) -> str:
        """Path of the documents: their lines, without separators between documents."""
        return f"{self._base}.text"

    def array_path(self, name: str) -> str:
        """Return the path of an array of plain numbers."""
        return f"{self._base}.{name}"

    def read(self, name: str, width: int = 0) -> np.ndarray:
        """Return an array, `[numbers]` or `[rows, width]`."""
        numbers = read_array(self.array_path(name), _TYPES[name])
        return numbers.reshape(-1, width) if width else numbers

    def write_summary(self, summary: dict[str, Any]) -> None:
        """Mark the part as complete, and record its contents."""
        files.write_json(f"{self._base}.json", summary)

    def is_done(self) -> bool:
        """Return whether the part is complete."""
        return files.exists(f"{self._base}.json")

    def summary(self) -> dict[str, Any]:
        """Return what `write_summary` recorded."""
        return files.read_json(f"{self._base}.json")

    def chunks(self) -> list[Chunk]:
        """Return the sizes of the cleaned blocks."""
        return [Chunk(*chunk) for chunk in self.summary()["chunks"]]

    def document(self, number: int) -> str:
        """Return the text of one document."""
        sizes, start = self.read("sizes"), 0
        for chunk in self.chunks():
            if number < chunk.documents:
                break
            number, start = number - chunk.documents, start + chunk.bytes
            sizes = sizes[chunk.documents :]
        with files.open_file(self.text_path) as file:
            file.seek(start)
            lines = file.read(chunk.bytes).decode().split("\n")
        first = int(sizes[:number].sum())
        return "\n".join(lines[first : first + int(sizes[number])])

    def tally(self) -> Tally:
        """Return the counts of the rules in the first pass."""
        return Tally.from_json(self.summary()["rules"])

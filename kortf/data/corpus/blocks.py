"""Cut text files into blocks of about a megabyte that begin where a document begins.

A worker reads and decodes one block at a time, so memory does not depend on the size of a file. The
cuts follow from the bytes of the file alone.
"""

import re
from collections.abc import Iterator
from typing import IO, NamedTuple

from kortf import files
from kortf.errors import InputError

BLOCK_BYTES = 1 << 20
# A longer document is cut at a line end; a longer line is refused.
DOCUMENT_BYTES = 16 * BLOCK_BYTES
LINE_BYTES = 64 * BLOCK_BYTES

_LINE = re.compile(rb"\n")
_OVERLAP = 64  # a boundary may lie across two reads
_STEP = 1 << 16


class Block(NamedTuple):
    """Bytes `[start, end)` of the unpacked text of a file."""

    start: int
    end: int


def iter_blocks(
    stream: IO, boundary: re.Pattern, path: str, target: int | None = None
) -> Iterator[tuple[int, bytes]]:
    """Cut a stream into blocks as it is read.

    Args:
        stream: Stream of bytes.
        boundary: Pattern at whose end a document may begin.
        path: Path for errors.
        target: Bytes after which the next boundary ends a block; `BLOCK_BYTES` by default.

    Yields:
        The first byte of the block in the stream, and its bytes.

    Example, with `target=2` and a blank line between documents:
        `b"ab\\n\\ncd\\nef\\n\\ng"` -> `(0, b"ab\\n\\n")`, `(4, b"cd\\nef\\n\\n")`, `(11, b"g")`
    """
    target = BLOCK_BYTES if target is None else target
    start, pending = 0, b""
    while True:
        end, pending = _next_end(stream, pending, boundary, path, start, target)
        if end == 0:
            return
        yield start, pending[:end]
        start, pending = start + end, pending[end:]


def find_blocks(
    source: str, boundary: re.Pattern, target: int | None = None, path: str | None = None
) -> list[Block]:
    """Find the blocks of an uncompressed file by reading only around their ends.

    The blocks are those of `iter_blocks`.

    Args:
        source: Path of the file.
        boundary: Pattern at whose end a document may begin.
        target: Bytes after which the next boundary ends a block; `BLOCK_BYTES` by default.
        path: Path for errors; `source` by default.
    """
    target = BLOCK_BYTES if target is None else target
    size = files.size(source)
    blocks, start = [], 0
    with files.open_file(source) as file:
        while start < size:
            end = min(start + target, size)
            if end < size:
                # The search begins `target` bytes on, so nothing before that needs to be read.
                file.seek(end)
                end += _next_end(file, b"", boundary, path or source, end, 0)[0]
            blocks.append(Block(start, end))
            start = end
    return blocks


def _next_end(
    stream: IO, pending: bytes, boundary: re.Pattern, path: str, start: int, target: int
) -> tuple[int, bytes]:
    """Return the first boundary at or after `target`, and `pending` with what was read for it."""
    searched = target
    while True:
        match = boundary.search(pending, searched) if len(pending) > searched else None
        if match is None and len(pending) > target + DOCUMENT_BYTES:
            match = _LINE.search(pending, target)
        if match is not None:
            return match.end(), pending
        if len(pending) > target + LINE_BYTES:
            place = f"{path}, byte {start}"
            problem = f"no line end within {LINE_BYTES >> 20} MB"
            raise InputError(place, problem, "break the text into lines")
        searched = max(target, len(pending) - _OVERLAP)
        more = stream.read(max(target + _STEP - len(pending), _STEP))
        if not more:
            return len(pending), pending
        pending += more

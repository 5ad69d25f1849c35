"""Cuts text files into blocks of about a megabyte that begin where a document begins.

A block is what is read, decoded and handed to a worker at a time. So memory does not depend on the
size of a file, and the cuts depend on nothing but its bytes.
"""

import re
from collections.abc import Iterator
from typing import IO, NamedTuple

from kortf import files
from kortf.errors import InputError

BLOCK_BYTES = 1 << 20
# Beyond these a document is cut at a line end, and a line is refused.
DOCUMENT_BYTES = 16 * BLOCK_BYTES
LINE_BYTES = 64 * BLOCK_BYTES

_LINE = re.compile(rb"\n")
_BOUNDARY = {
    "text": re.compile(rb"\n[ \t\r]*\n"),
    "wiki": re.compile(rb"\n(?=<doc )"),
}
_OVERLAP = 64  # a boundary may lie across two reads
_STEP = 1 << 16


class Block(NamedTuple):
    """Bytes `[start, end)` of the unpacked text of a file."""

    start: int
    end: int


def iter_blocks(
    stream: IO, format_name: str, path: str, target: int = BLOCK_BYTES
) -> Iterator[tuple[int, bytes]]:
    """Cuts a stream into blocks as it is read.

    Args:
        stream: bytes, as `compression.open_bytes` gives them.
        format_name: decides where a document may begin.
        path: named in errors.
        target: bytes after which the next boundary ends a block.

    Yields:
        The block's first byte in the stream, and its bytes.

    Example, with `target=2` and a blank line between documents:
        `b"ab\\n\\ncd\\nef\\n\\ng"` -> `(0, b"ab\\n\\n")`, `(4, b"cd\\nef\\n\\n")`, `(11, b"g")`
    """
    start, pending = 0, b""
    while True:
        end, pending = _next_end(stream, pending, format_name, path, start, target)
        if end == 0:
            return
        yield start, pending[:end]
        start, pending = start + end, pending[end:]


def find_blocks(
    source: str, format_name: str, target: int = BLOCK_BYTES, path: str | None = None
) -> list[Block]:
    """Finds the blocks of an uncompressed file by reading only around their ends.

    They are the same blocks as `iter_blocks` would give.

    Args:
        source: the file.
        format_name: decides where a document may begin.
        target: bytes after which the next boundary ends a block.
        path: named in errors, if it is another than `source`.
    """
    size = files.size(source)
    blocks, start = [], 0
    with files.open_file(source) as file:
        while start < size:
            end = min(start + target, size)
            if end < size:
                # The search begins `target` bytes on, so nothing before that needs to be read.
                file.seek(end)
                end += _next_end(file, b"", format_name, path or source, end, 0)[0]
            blocks.append(Block(start, end))
            start = end
    return blocks


def _next_end(
    stream: IO, pending: bytes, format_name: str, path: str, start: int, target: int
) -> tuple[int, bytes]:
    """The first boundary at or after `target` in `pending`, which grows as far as it must."""
    boundary = _BOUNDARY.get(format_name, _LINE)
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

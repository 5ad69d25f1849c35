"""Sources of bytes: a file, or a member of an archive."""

import contextlib
import io
import shutil
import tempfile
from collections.abc import Iterator
from typing import IO

from kortf import files
from kortf.data.corpus import compression
from kortf.data.corpus.encoding import Transcoded
from kortf.data.reader import Head, Source
from kortf.errors import InputError
from kortf.lines import BOM

HEAD_BYTES = 1 << 20
_CHUNK = 1 << 20


class FileSource(Source):
    """A file, read as often as needed.

    Args:
        path: Path of the file.
        encoding: Encoding of its text, settled.
    """

    def __init__(self, path: str, encoding: str = "utf-8"):
        self.name = path
        self.encoding = encoding

    def head(self) -> tuple[bytes, bool]:
        """Return the first megabyte behind leading white space, and whether the file ends there."""
        if not files.exists(self.name):
            raise InputError(self.name, "no such file", "check the path")
        with compression.open_bytes(self.name) as stream:
            data, whole, _ = _read_head(stream)
        return data, whole

    @contextlib.contextmanager
    def open(self) -> Iterator[IO]:
        with compression.open_bytes(self.name) as stream:
            yield _decoded(stream, self.encoding, self.name)

    @contextlib.contextmanager
    def open_seekable(self) -> Iterator[IO]:
        if files.is_remote(self.name) or compression.is_compressed(self.name):
            with compression.open_bytes(self.name) as stream, _spooled(stream) as copy:
                yield copy
        else:
            with files.open_file(self.name) as file:
                yield file


class MemberSource(Source):
    """A member of an archive, which is read once.

    Args:
        name: Name of the archive and the member.
        stream: The raw bytes.
    """

    def __init__(self, name: str, stream: IO):
        self.name = name
        self.encoding = "utf-8"
        raw = Prefixed(b"", stream)
        start = raw.peek(compression.HEAD_BYTES)
        open_compressed = compression.opener(start)
        self._stream = compression.Unpacked(open_compressed(raw), name) if open_compressed else raw

    def head(self) -> tuple[bytes, bool]:
        """Return the first megabyte behind leading white space, and whether all was read."""
        data, whole, read = _read_head(self._stream)
        self._stream = Prefixed(read, self._stream)
        return data, whole

    @contextlib.contextmanager
    def open(self) -> Iterator[IO]:
        yield _decoded(self._stream, self.encoding, self.name)

    @contextlib.contextmanager
    def open_seekable(self) -> Iterator[IO]:
        with _spooled(self._stream) as copy:
            yield copy


class Prefixed:
    """A stream with bytes put back before it.

    Args:
        prefix: Bytes to read first.
        stream: What follows them.
    """

    def __init__(self, prefix: bytes, stream: IO):
        self._prefix = prefix
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        """Read up to `size` bytes; all of them if it is negative."""
        if not self._prefix:
            return self._stream.read(size)
        if size < 0:
            data, self._prefix = self._prefix + self._stream.read(), b""
        else:
            data, self._prefix = self._prefix[:size], self._prefix[size:]
        return data

    def peek(self, size: int) -> bytes:
        """Return up to `size` bytes without taking them."""
        while len(self._prefix) < size and (more := self._stream.read(size - len(self._prefix))):
            self._prefix += more
        return self._prefix[:size]


def make_head(source: Source, encoding: str, text_fields: list[str] | None) -> Head:
    """Return the beginning of a source, not decoded yet.

    Raises:
        InputError: The file is missing, empty or damaged.
    """
    data, whole = source.head()
    if not data:
        raise InputError(source.name, "is empty", "leave it out or write it again")
    fields = tuple(text_fields) if text_fields else None
    return Head(source.name, data, "", whole, fields, encoding)


def _read_head(stream: IO) -> tuple[bytes, bool, bytes]:
    """Return the head without leading white space, whether all was read, and all that was read."""
    read, data = [], b""
    while len(data) < HEAD_BYTES:
        more = stream.read(HEAD_BYTES - len(data))
        read.append(more)
        data = data + more if data else more.removeprefix(BOM).lstrip(b" \t\r\n")
        if not more:
            return data, True, b"".join(read)
    return data, False, b"".join(read)


def _decoded(stream: IO, encoding: str, name: str) -> IO:
    return stream if encoding == "utf-8" else Transcoded(stream, encoding, name)


@contextlib.contextmanager
def _spooled(stream: IO) -> Iterator[IO]:
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(stream, copy, _CHUNK)
        copy.seek(0)
        yield copy


def buffered(stream: IO) -> io.BufferedReader:
    """Wrap a stream that only has `read(size)` for libraries that need a file object."""
    return io.BufferedReader(_Raw(stream), _CHUNK)


class _Raw(io.RawIOBase):
    def __init__(self, stream: IO):
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

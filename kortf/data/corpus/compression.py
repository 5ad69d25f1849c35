"""Decompress gzip, xz, bzip2 and Zstandard files as a stream."""

import bz2
import gzip
import io
import lzma
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

from kortf import files
from kortf.errors import InputError

_RAW_BYTES = 1 << 16
_OUTPUT_BYTES = 1 << 20
# One Zstandard block of 4 bytes unpacks to 128 KB: this many raw bytes unpack to 32 MB at most.
_ZSTANDARD_RAW_BYTES = 1 << 10
_SKIPPABLE = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18", re.DOTALL)
HEAD_BYTES = 10  # enough for the signature of every compression


class _Streams(io.RawIOBase):
    """Read a compressed file that may hold several streams, one after the other.

    Python's own readers of xz and bzip2 take whatever follows the first stream for garbage and drop
    it, and zstandard's reader takes a truncated file for a whole one.

    Args:
        file: The compressed file.
        signature: First bytes of every stream.
        padding: Whether NULs may separate the streams.
    """

    _raw_bytes = _RAW_BYTES

    def __init__(self, file, signature: bytes, padding: bool = False):
        self._file = file
        self._signature = signature
        self._padding = padding
        self._decompressor = None
        self._raw = b""
        self._unpacked = bytearray()

    def read(self, size: int = -1) -> bytes:
        while (size < 0 or len(self._unpacked) < size) and self._step():
            pass
        size = len(self._unpacked) if size < 0 else size
        data = bytes(self._unpacked[:size])
        del self._unpacked[:size]
        return data

    def _step(self) -> bool:
        """Unpack some more; return False at the end of the file."""
        if self._decompressor is None and not self._begin_stream():
            return False
        if self._needs_input() and not self._fill():
            raise EOFError("the file ends inside a compressed stream")
        self._unpacked += self._decompress()
        if self._decompressor.eof:
            self._raw = self._decompressor.unused_data
            self._decompressor = None
        return True

    def _needs_input(self) -> bool:
        return not self._raw and self._decompressor.needs_input

    def _decompress(self) -> bytes:
        raw, self._raw = self._raw, b""
        return self._decompressor.decompress(raw, _OUTPUT_BYTES)

    def _fill(self) -> bool:
        more = self._file.read(self._raw_bytes)
        self._raw += more
        return bool(more)

    def _begin_stream(self) -> bool:
        while True:
            if self._padding:
                self._raw = self._raw.lstrip(b"\0")
            while len(self._raw) < len(self._signature) and self._fill():
                if self._padding:
                    self._raw = self._raw.lstrip(b"\0")
            if not self._raw:
                return False
            if not self._skip_frame():
                break
        if not self._raw.startswith(self._signature):
            raise OSError("what follows a compressed stream is not another one")
        self._decompressor = self._create()
        return True

    def _skip_frame(self) -> bool:
        return False

    def _create(self):
        raise NotImplementedError


class _Xz(_Streams):
    def _create(self):
        return lzma.LZMADecompressor(format=lzma.FORMAT_XZ)


class _Bzip2(_Streams):
    def _create(self):
        return bz2.BZ2Decompressor()


class _Zstandard(_Streams):
    """Read Zstandard frames; skippable frames, as pzstd writes them, are passed over."""

    _raw_bytes = _ZSTANDARD_RAW_BYTES

    def __init__(self, file):
        super().__init__(file, b"\x28\xb5\x2f\xfd")
        try:
            import zstandard  # here: only .zst files need it
        except ImportError as error:
            raise InputError("input", "is Zstandard", "pip install zstandard") from error
        self._frame = zstandard.ZstdDecompressor(max_window_size=1 << 31).decompressobj

    def _create(self):
        return self._frame()

    def _needs_input(self) -> bool:
        return not self._raw

    def _decompress(self) -> bytes:
        raw, self._raw = self._raw, b""
        return self._decompressor.decompress(raw)

    def _skip_frame(self) -> bool:
        if not _SKIPPABLE.match(self._raw):
            return False
        while len(self._raw) < 8 and self._fill():
            pass
        left = int.from_bytes(self._raw[4:8], "little") + 8
        while left > 0:
            if not self._raw and not self._fill():
                raise EOFError("the file ends inside a skippable frame")
            taken = min(left, len(self._raw))
            self._raw = self._raw[taken:]
            left -= taken
        return True


def _open_gzip(file):
    return gzip.GzipFile(fileobj=file)


def opener(head: bytes) -> Callable[[IO], IO] | None:
    """Return the reader for a file that begins with `head`, None if it is not compressed.

    The first bytes decide; names mislead ("dump.gz" that a browser has already unpacked).
    """
    if head.startswith(b"\x1f\x8b"):
        return _open_gzip
    if head.startswith(b"\xfd7zXZ\x00"):
        return lambda file: _Xz(file, b"\xfd7zXZ\x00", padding=True)
    if head.startswith(b"BZh") and head[4:10] in (b"1AY&SY", b"\x17rE8P\x90"):
        return lambda file: _Bzip2(file, b"BZh")
    if head.startswith(b"\x28\xb5\x2f\xfd") or _SKIPPABLE.match(head):
        return _Zstandard
    return None


def is_compressed(path: str) -> bool:
    """Return whether the file at `path` begins like a gzip, xz, bzip2 or Zstandard file."""
    with files.open_file(path) as file:
        return opener(file.read(HEAD_BYTES)) is not None


@contextmanager
def open_bytes(path: str) -> Iterator[IO]:
    """Open a file as a stream of bytes, unpacked if it is compressed.

    Raises:
        InputError: The file is missing, or is truncated or damaged (while it is read).
    """
    with files.open_file(path) as file:
        open_compressed = opener(file.read(HEAD_BYTES))
        file.seek(0)
        yield Unpacked(open_compressed(file), path) if open_compressed else file


class Unpacked:
    """A decompressing stream whose errors are InputErrors that name the file.

    Args:
        stream: The decompressing stream.
        name: Name of the file.
    """

    def __init__(self, stream: IO, name: str):
        self._stream = stream
        self._name = name

    def read(self, size: int = -1) -> bytes:
        """Read up to `size` unpacked bytes."""
        try:
            return self._stream.read(size)
        except (EOFError, OSError, lzma.LZMAError, zlib.error) as error:
            raise self._damaged(error) from error
        except Exception as error:
            # The type of zstandard's errors cannot be named without importing it.
            if type(error).__module__.split(".")[0] != "zstandard":
                raise
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> InputError:
        problem = f"cannot be unpacked ({str(error) or type(error).__name__})"
        return InputError(self._name, problem, "download or compress the file again")

"""Opens a text file as bytes, unpacking gzip, xz, bzip2 and Zstandard on the way."""

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

from kortf import files
from kortf.errors import InputError


class _Zstandard(io.RawIOBase):
    """Unpacks Zstandard frames; zstandard's own reader takes a file that breaks off for whole."""

    _RAW_BYTES = 1 << 14  # may unpack to a thousand times as much

    def __init__(self, file: IO):
        try:
            import zstandard  # here: only who reads .zst needs it
        except ImportError as error:
            name = getattr(file, "name", "input")
            raise InputError(name, "needs zstandard", "pip install zstandard") from error
        self._frame = zstandard.ZstdDecompressor(max_window_size=1 << 31).decompressobj
        self._file = file
        self._open = self._frame()
        self._begun = False
        self._unpacked = bytearray()

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self._unpacked) < size:
            raw = self._file.read(self._RAW_BYTES)
            if not raw:
                if self._begun:
                    raise EOFError("the file ends inside a frame")
                break
            while raw:
                self._unpacked += self._open.decompress(raw)
                self._begun = not self._open.eof
                raw = self._open.unused_data
                if self._open.eof:
                    self._open = self._frame()
        size = len(self._unpacked) if size < 0 else size
        data = bytes(self._unpacked[:size])
        del self._unpacked[:size]
        return data


# The first bytes tell; names lie ("dump.gz" that a browser has unpacked already).
_OPENERS: dict[bytes, Callable[[IO], IO]] = {
    b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file),
    b"\xfd7zXZ\x00": lzma.LZMAFile,
    b"BZh": bz2.BZ2File,
    b"\x28\xb5\x2f\xfd": _Zstandard,
}


def _opener(path: str) -> Callable[[IO], IO] | None:
    with files.open_file(path) as file:
        head = file.read(10)
    for magic, opener in _OPENERS.items():
        if head.startswith(magic) and (magic != b"BZh" or head[4:10] == b"1AY&SY"):
            return opener
    return None


def is_compressed(path: str) -> bool:
    """Whether the file at `path` begins like a gzip, xz, bzip2 or Zstandard file."""
    return _opener(path) is not None


@contextmanager
def open_bytes(path: str) -> Iterator[IO]:
    """Opens the text in `path` as a stream of bytes, unpacked if it is compressed.

    Raises:
        InputError: when the file is missing, or breaks off or is damaged while it is unpacked.
    """
    opener = _opener(path)
    with files.open_file(path) as file:
        if opener is None:
            yield file
            return
        with opener(file) as stream:
            yield _Unpacked(stream, path)


class _Unpacked:
    """A decompressing stream whose faults name the file."""

    def __init__(self, stream: IO, path: str):
        self._stream = stream
        self._path = path

    def read(self, size: int) -> bytes:
        try:
            return self._stream.read(size)
        except (EOFError, OSError, lzma.LZMAError, zlib.error) as error:
            raise self._damaged(error) from error
        except (
            Exception
        ) as error:  # zstandard's own type, which cannot be named without importing it
            if type(error).__module__.split(".")[0] != "zstandard":
                raise
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> InputError:
        problem = f"cannot be unpacked ({str(error) or type(error).__name__})"
        return InputError(self._path, problem, "download or compress the file again")

"""Write one file of cleaned text atomically, with optional compression."""

import contextlib
import gzip
from collections.abc import Iterator
from typing import IO

from kortf import files
from kortf.errors import InputError

# File name extension by compression.
ENDINGS = {"none": ".txt", "gz": ".txt.gz", "zst": ".txt.zst"}


def check_compression(name: str) -> None:
    """Raise InputError for an unknown compression."""
    if name not in ENDINGS:
        cure = f"choose one of {', '.join(ENDINGS)}"
        raise InputError(f"--compress={name}", "there is no such compression", cure)


@contextlib.contextmanager
def write_text(path: str, compress: str) -> Iterator[IO]:
    """Open a file for bytes; equal text makes equal bytes.

    Args:
        path: Final name, given to the file when the block ends without an error.
        compress: Key of `ENDINGS`.
    """
    with files.write_beside(path, "wb") as file:
        if compress == "none":
            yield file
        elif compress == "gz":
            # No name and no time in the header: they would make the bytes differ.
            with gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0) as packed:
                yield packed
        else:
            import zstandard

            packer = zstandard.ZstdCompressor(level=6)
            with packer.stream_writer(file, closefd=False) as packed:
                yield packed

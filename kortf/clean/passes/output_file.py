"""Writes one file of cleaned text, compressed if asked, whole or not at all."""

import contextlib
import gzip
from collections.abc import Iterator
from typing import IO

from kortf import files
from kortf.errors import InputError

# Compression and the ending that it gives a name.
ENDINGS = {"none": ".txt", "gz": ".txt.gz", "zst": ".txt.zst"}


def check_compression(name: str) -> None:
    """Raises InputError for a compression that there is not."""
    if name not in ENDINGS:
        cure = f"choose one of {', '.join(ENDINGS)}"
        raise InputError(f"--compress={name}", "there is no such compression", cure)


@contextlib.contextmanager
def write_text(path: str, compress: str) -> Iterator[IO]:
    """Opens a file for bytes; equal text makes equal bytes.

    Args:
        path: its name, which it gets when the block ends well.
        compress: a key of `ENDINGS`.
    """
    with files.write_beside(path, "wb") as file:
        if compress == "none":
            yield file
        elif compress == "gz":
            # Neither a name nor a time in the file, which would make its bytes differ.
            with gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0) as packed:
                yield packed
        else:
            import zstandard

            packer = zstandard.ZstdCompressor(level=6)
            with packer.stream_writer(file, closefd=False) as packed:
                yield packed

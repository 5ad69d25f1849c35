"""Write a directory atomically."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator

from kortf import files


@contextlib.contextmanager
def stage(directory: str, last: str) -> Iterator[str]:
    """A directory to write into, whose files are moved to `directory` when the block ends well.

    A new directory appears in one step. In one that is there already, files of the same names are
    replaced one by one and others are left alone.

    Args:
        directory: local, or an address such as `gs://bucket/model`.
        last: the file without which nobody takes the directory for whole: it is moved last.
    """
    remote = files.is_remote(directory)
    directory = directory.rstrip("/") if remote else os.path.abspath(directory)
    parent = None if remote else os.path.dirname(directory)
    if parent:
        files.makedirs(parent)
    beside = tempfile.mkdtemp(prefix=f".{os.path.basename(directory)}.", suffix=".tmp", dir=parent)
    try:
        yield beside
        if not remote:
            _open_to_all(beside)
        if not remote and not os.path.lexists(directory):
            os.rename(beside, directory)
            return
        for name in sorted(_walk(beside), key=lambda name: (name == last, name)):
            source, target = os.path.join(beside, name), os.path.join(directory, name)
            if remote:
                _upload(source, target)
            else:
                files.makedirs(os.path.dirname(target))
                os.replace(source, target)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _open_to_all(directory: str) -> None:
    """Give a temporary directory, which only its owner can read, the rights of any other."""
    umask = os.umask(0)
    os.umask(umask)
    os.chmod(directory, 0o777 & ~umask)


def _walk(directory: str) -> list[str]:
    """Return all files below a directory, relative to it."""
    return [
        os.path.relpath(os.path.join(parent, name), directory)
        for parent, _, names in os.walk(directory)
        for name in names
    ]


def _upload(source: str, target: str) -> None:
    with open(source, "rb") as local, files.write_beside(target, "wb") as file:
        shutil.copyfileobj(local, file, 16 << 20)

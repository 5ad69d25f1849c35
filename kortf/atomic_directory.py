"""Write a directory atomically."""

import contextlib
import ctypes
import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator

from kortf import files

_EXCHANGE, _HERE = 2, -100  # RENAME_EXCHANGE and AT_FDCWD of Linux


@contextlib.contextmanager
def stage(
    directory: str, last: str, tidy: Callable[[str], None] = lambda directory: None
) -> Iterator[str]:
    """Yield a directory to write into, which becomes `directory` if the block ends without error.

    A local directory is replaced as a whole: a reader sees the old one or the new one. Files and
    folders of the old directory that the block has not written are kept.

    Args:
        directory: Local path, or an address such as `gs://bucket/model`, where files are replaced
            one by one.
        last: File that marks a directory as complete; at an address it is written last.
        tidy: Removes kept files that do not belong to the new directory.
    """
    remote = files.is_remote(directory)
    directory = directory.rstrip("/") if remote else os.path.realpath(directory)
    parent = None if remote else os.path.dirname(directory)
    if parent:
        files.makedirs(parent)
    beside = tempfile.mkdtemp(prefix=f".{os.path.basename(directory)}.", suffix=".tmp", dir=parent)
    try:
        yield beside
        if remote:
            for name in sorted(_walk(beside), key=lambda name: (name == last, name)):
                _upload(os.path.join(beside, name), os.path.join(directory, name))
            tidy(directory)
            return
        _open_to_all(beside)
        if os.path.isdir(directory):
            _keep_files(directory, beside)
        tidy(beside)
        _replace(directory, beside)
        files.sync_directory(parent or ".")
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _replace(directory: str, beside: str) -> None:
    """Put `beside` in the place of `directory`; what it replaces is in `beside` afterwards."""
    if not os.path.lexists(directory):
        os.rename(beside, directory)
        return
    if not _exchange(beside, directory):
        old = tempfile.mkdtemp(prefix=".old.", suffix=".tmp", dir=os.path.dirname(directory))
        os.rename(directory, old)
        try:
            os.rename(beside, directory)
        except OSError:
            os.rename(old, directory)
            raise
        os.rename(old, beside)
    for name in os.listdir(beside):  # folders that the new directory does not have
        target = os.path.join(directory, name)
        if not os.path.lexists(target) and os.path.isdir(os.path.join(beside, name)):
            os.rename(os.path.join(beside, name), target)


def _exchange(one: str, other: str) -> bool:
    """Swap two paths in one step; False where the system cannot."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    return rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0


def _keep_files(directory: str, beside: str) -> None:
    """Link the files of a directory that `beside` does not have into it."""
    for name in os.listdir(directory):
        source, target = os.path.join(directory, name), os.path.join(beside, name)
        if os.path.lexists(target) or (os.path.isdir(source) and not os.path.islink(source)):
            continue
        try:
            os.link(source, target, follow_symlinks=False)
        except OSError as error:
            if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK, errno.EXDEV):
                raise
            shutil.copy2(source, target, follow_symlinks=False)


def _open_to_all(directory: str) -> None:
    """Give a temporary directory, which only its owner can read, the usual permissions."""
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

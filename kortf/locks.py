"""Locks on directories: one process at a time writes in each."""

import contextlib
import os

from filelock import FileLock, Timeout

from kortf import files
from kortf.errors import InputError

NAME = ".lock"
_held: dict[str, FileLock] = {}


def lock(directory: str) -> None:
    """Lock a directory for this process until the process ends.

    The operating system releases the lock with the process, so no stale lock remains. The lock
    file stays in place: deleting it while another process holds it would let a third one in. A
    process may lock a directory again that it has locked. Remote directories and file systems
    without locks are not locked.

    Args:
        directory: Local directory. It is made if it does not exist.

    Raises:
        InputError: Another process holds the lock.
    """
    path = os.path.realpath(os.path.join(directory, NAME))
    if files.is_remote(directory) or path in _held:
        return
    files.makedirs(directory)
    held = FileLock(path, timeout=0, thread_local=False, fallback_to_soft=False)
    try:
        held.acquire()
    except Timeout:
        owner = _owner(path)
        raise InputError(
            directory,
            f"another run{f' (process {owner})' if owner else ''} is writing there",
            "wait until it has ended, or name another directory",
        ) from None
    except (OSError, NotImplementedError):  # no locks on this file system
        return
    with contextlib.suppress(OSError), open(path, "w", encoding="utf-8") as file:
        file.write(str(os.getpid()))
    _held[path] = held


def _owner(path: str) -> str:
    with contextlib.suppress(OSError), open(path, encoding="utf-8") as file:
        return file.read(32).strip()
    return ""

"""One run at a time in a work directory."""

import contextlib
import fcntl
import os

from kortf import files
from kortf.errors import InputError

NAME = ".lock"
_held: dict[str, int] = {}


def lock(workdir: str) -> None:
    """Keeps a work directory for this process until it ends, however it ends.

    A lock of the operating system's: it goes with the process, so that none is ever left behind.
    A process that has it already may take it again. Remote directories, and file systems without
    locks, are left as they are.

    Args:
        workdir: directory, made if it is not there.

    Raises:
        InputError: another process has it.
    """
    path = os.path.realpath(os.path.join(workdir, NAME))
    if files.is_remote(workdir) or path in _held:
        return
    os.makedirs(workdir, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        owner = os.read(descriptor, 32).decode(errors="replace").strip()
        os.close(descriptor)
        raise InputError(
            workdir,
            f"another run{f' (process {owner})' if owner else ''} still writes there",
            "wait until it has ended, or give another --workdir",
        ) from None
    except OSError:  # no locks here
        os.close(descriptor)
        return
    with contextlib.suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    _held[path] = descriptor

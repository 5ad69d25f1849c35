"""Recognise a file or a directory whose content has changed."""

import os

import kortf
from kortf import files

_HASHED = 16 << 20  # larger files are known by size and time


def identity_of_file(path: str) -> list:
    """Return the SHA-256 of a small file; size and time of change of a large one."""
    status = os.stat(path)
    if status.st_size <= _HASHED:
        return [status.st_size, files.sha256_of(path)]
    return [status.st_size, status.st_mtime_ns]


def identity_of_directory(path: str) -> dict:
    """Return the version of kortf, and the identity of each file below a directory."""
    if files.is_remote(path):
        return {"version": kortf.__version__, "path": path}
    found = {"version": kortf.__version__}
    for parent, _, names in sorted(os.walk(path)):
        for name in sorted(names):
            inner = os.path.join(parent, name)
            found[os.path.relpath(inner, path)] = identity_of_file(inner)
    return found

"""Silence C++ code that no setting silences."""

import contextlib
import os
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def without_stderr() -> Iterator[None]:
    """Discard everything written to file descriptor 2 inside the block, also by C++ code.

    For start-up and loading only, whose errors are exceptions: stderr is for the one line of an
    error. The descriptor belongs to the whole process, so the block should be short.
    """
    sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # stderr is closed
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)

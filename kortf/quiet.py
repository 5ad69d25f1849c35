"""Keeps C++ code that knows no other setting from writing to stderr."""

import contextlib
import os
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def without_stderr() -> Iterator[None]:
    """Sends what is written to file descriptor 2 inside the block, by C++ too, to nowhere.

    For start-up and loading only, whose errors come as exceptions: stderr is where the one line of
    an error belongs. It is the whole process's, so the block should be short.
    """
    sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # stderr is closed: nobody hears anything
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

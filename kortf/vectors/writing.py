"""Write a file of vectors that continues after a kill and has the same bytes then."""

import contextlib
import fcntl
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence

import numpy as np

from kortf import files
from kortf.errors import InputError
from kortf.vectors.formats import format_of

_STATE_EVERY = 1.0  # seconds


class VectorWriter:
    """A file of vectors, written to `.NAME.part` until it is whole.

    `.NAME.part.json` names the number of finished rows, and what the rows were made of: a part of
    another model or another input is not continued.

    Args:
        path: File to write; its ending names the format. A remote one is made here and copied when
            it is whole.
        dim: Number of dimensions of a vector.
        identity: JSON object that names everything the vectors depend on; None if the input cannot
            be read a second time.

    Attributes:
        rows: Number of finished rows, also those of an earlier, killed process.

    Raises:
        InputError: Another process writes the file, or its ending names no format.
    """

    def __init__(self, path: str, dim: int, identity: dict | None = None):
        self._path, self._identity, self._remote = path, identity, None
        self._format = format_of(path)(dim)
        if files.is_remote(path):
            self._remote, self._identity = path, None
            path = os.path.join(tempfile.mkdtemp(prefix="kortf-vectors."), os.path.basename(path))
            self._path = path
        directory, name = os.path.split(path)
        files.makedirs(directory or ".")
        self._part = os.path.join(directory, f".{name}.part")
        self._state_file = f"{self._part}.json"
        self._file = open(os.open(self._part, os.O_RDWR | os.O_CREAT, 0o666), "r+b")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._file.close()
            cure = "wait until it has ended, or name another file"
            raise InputError(path, "another process writes this file", cure) from error
        self.rows, size = self._finished()
        if not self.rows:
            self._file.truncate(0)
            self._file.write(self._format.begin())
        else:
            self._file.truncate(size)
            self._file.seek(size)
        self._saved = time.monotonic()

    def _finished(self) -> tuple[int, int]:
        """Return the finished rows and bytes of an earlier process."""
        with contextlib.suppress(InputError, TypeError, KeyError):
            state = files.read_json(self._state_file)
            size = os.path.getsize(self._part)
            if self._identity is not None and state["identity"] == self._identity:
                if state["bytes"] <= size and state["dim"] == self._format.dim:
                    return state["rows"], state["bytes"]
            problem = "begins again: the unfinished file is of another model, input or option"
            print(f"{self._path}: {problem}", file=sys.stderr)
        return 0, 0

    def add(self, texts: Sequence[str], vectors: np.ndarray) -> None:
        """Append rows. A killed process loses the rows of about the last second."""
        self._file.write(self._format.pack(texts, vectors))
        self.rows += len(texts)
        if time.monotonic() - self._saved >= _STATE_EVERY:
            self._save()

    def _save(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        if self._identity is not None:
            state = {"rows": self.rows, "bytes": self._file.tell(), "dim": self._format.dim}
            files.write_json(self._state_file, state | {"identity": self._identity})
        self._saved = time.monotonic()

    def close(self) -> None:
        """Finish the file."""
        self._save()
        self._format.finish(self._part, self._path, self.rows)
        self._file.close()
        files.remove(self._state_file)
        if self._remote:
            with open(self._path, "rb") as source, files.write_beside(self._remote, "wb") as file:
                shutil.copyfileobj(source, file, 16 << 20)
            files.remove(os.path.dirname(self._path))

    def stop(self) -> None:
        """Leave the rows so far for the next start; without an identity, remove them."""
        if self._identity is None or not self.rows:
            self.discard()
        else:
            self._save()
            self._file.close()

    def discard(self) -> None:
        """Remove the rows so far."""
        self._file.close()
        files.remove(self._part)
        files.remove(self._state_file)
        if self._remote:
            files.remove(os.path.dirname(self._path))

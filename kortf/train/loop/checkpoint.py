"""Checkpoints: one safetensors file a step, written atomically, verified when read."""

import functools
import json
import os
import re
import zlib
from dataclasses import dataclass, field
from typing import IO

import numpy as np
import tensorflow as tf
from absl import logging

from kortf import files
from kortf.errors import InputError
from kortf.pretrained.formats.tensors import Announced, TensorFile, stream

_NAME = re.compile(r"step-(\d{8})\.safetensors")
# The last tensor of a file: the CRC of all bytes before it.
_CHECKSUM = "crc32"
# CRC-32 of any data followed by its own CRC-32, little-endian.
_RESIDUE = 0x2144DF1C


@dataclass
class RunState:
    """State of a run besides its tensors.

    Attributes:
        step: Steps done.
        seconds: Seconds of training so far.
        tokens: Real tokens seen so far.
        best_step: Step of the best evaluation, -1 before the first.
        best_value: Quality at that step.
        notes: Further values, as JSON.

    Example:
        >>> state = RunState(step=3)
        >>> state.enter(0.7, most=2), state.best_step, state.kept
        (True, 3, {3})
    """

    step: int = 0
    seconds: float = 0.0
    tokens: float = 0.0
    best_step: int = -1
    best_value: float = 0.0
    notes: dict = field(default_factory=dict)

    @property
    def best(self) -> list[list]:
        """Return `[step, quality]` of the best evaluations, best first."""
        alone = [[self.best_step, self.best_value]] if self.best_step >= 0 else []
        return self.notes.get("best", alone)

    @property
    def kept(self) -> set[int]:
        """Return the steps whose checkpoints are kept."""
        return {step for step, _ in self.best}

    def enter(self, value: float, most: int) -> bool:
        """Enter the evaluation of this step; return whether it is one of the best.

        Of equal values, the earlier step is the better one.

        Args:
            value: Quality; higher is better.
            most: Number of best evaluations that are kept.
        """
        rank = sum(other >= value for _, other in self.best)
        if rank >= most:
            return False
        best = self.best[:rank] + [[self.step, value]] + self.best[rank:]
        self.best_step, self.best_value = best[0]
        if most > 1:
            self.notes["best"] = best[:most]
        return True


class Checkpoints:
    """The checkpoints of a work directory.

    The newest `keep` and the best ones are kept. A file holds all tensors, the state and a
    checksum. A damaged file is named in the log, and the one before it is used.

    Args:
        directory: Directory of the checkpoints.
        variables: Variables to save, by name.
        keep: Number of newest checkpoints to keep.
        writes: Whether this process writes checkpoints; otherwise it only reads them.
    """

    def __init__(
        self, directory: str, variables: dict[str, tf.Variable], keep: int = 2, writes: bool = True
    ):
        self.directory = directory
        self.variables = variables
        self.keep = keep
        self.writes = writes

    def steps(self) -> list[int]:
        """Return the steps of all checkpoints, ascending."""
        if not files.exists(self.directory):
            return []
        matches = (_NAME.fullmatch(name) for name in files.listdir(self.directory))
        return sorted(int(match[1]) for match in matches if match)

    def save(self, state: RunState) -> None:
        """Write a checkpoint of `state.step`, then remove those that are no longer kept."""
        if not self.writes:
            return
        with files.write_beside(self._path(state.step), "wb") as file:
            checked = _Checked(file)
            tensors = {name: _announced(variable) for name, variable in self.variables.items()}
            tensors[_CHECKSUM] = Announced((), lambda: checked.checksum, np.dtype("<u4"))
            stream(checked, tensors, {"state": json.dumps(vars(state))})
        steps = self.steps()
        for step in steps[: -self.keep]:
            if step not in state.kept:
                files.remove(self._path(step))

    def restore_latest(self) -> RunState | None:
        """Restore the newest undamaged checkpoint; return None if there is none."""
        for step in reversed(self.steps()):
            try:
                return self.restore(step)
            except _BrokenError as error:
                logging.warning("%s: %s; using the one before it", *error.parts[:2])
        return None

    def restore(self, step: int) -> RunState:
        """Restore the checkpoint of `step`.

        Raises:
            InputError: It is damaged, or its tensors are not those of this run.
        """
        file, state = self._open(step)
        for name, variable in self.variables.items():
            there = file.shape(name) if name in file.names else "nothing"
            if there != tuple(variable.shape):
                raise InputError(
                    file.place(name),
                    f"{there} where the config asks for {tuple(variable.shape)}",
                    "use the config it was made with, or another --workdir",
                )
        for name, variable in self.variables.items():
            variable.assign(file.read(name))
        return state

    def _open(self, step: int) -> tuple[TensorFile, RunState]:
        """Open and verify a checkpoint, without keeping its tensors in memory."""
        cure = "copy it back, or train again with another --workdir"
        try:
            file = TensorFile(self.directory, os.path.basename(self._path(step)))
            state = RunState(**json.loads(file.metadata["state"]))
            checksum = functools.reduce(lambda crc, part: zlib.crc32(part, crc), file.chunks(), 0)
        except Exception as error:  # any error that a damaged file causes in the readers
            problem = f"cannot be read ({type(error).__name__})"
            raise _BrokenError(self._path(step), problem, cure) from error
        if checksum != _RESIDUE:
            raise _BrokenError(self._path(step), "its checksum differs", cure)
        return file, state

    def _path(self, step: int) -> str:
        return os.path.join(self.directory, f"step-{step:08d}.safetensors")


class _BrokenError(InputError):
    """A damaged checkpoint."""


class _Checked:
    """A file open for writing, and the CRC of the data written so far."""

    def __init__(self, file: IO[bytes]):
        self.file = file
        self.checksum = 0

    def write(self, data: bytes) -> None:
        self.checksum = zlib.crc32(data, self.checksum)
        self.file.write(data)


def _announced(variable: tf.Variable) -> Announced:
    dtype = np.dtype(variable.dtype.as_numpy_dtype)
    return Announced(tuple(variable.shape), variable.numpy, dtype)

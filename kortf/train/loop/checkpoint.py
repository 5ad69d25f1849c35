"""Checkpoints: one safetensors file a step, written beside and renamed, checked when read."""

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
# CRC-32 of whatever is followed by its own CRC-32, little-endian.
_RESIDUE = 0x2144DF1C


@dataclass
class RunState:
    """What a run needs to go on, besides its tensors.

    Attributes:
        step: steps done.
        seconds: spent training so far.
        tokens: real tokens seen so far.
        best_step: of the best evaluation, -1 before the first.
        best_value: of it.
        notes: what else a run keeps, as JSON.
    """

    step: int = 0
    seconds: float = 0.0
    tokens: float = 0.0
    best_step: int = -1
    best_value: float = 0.0
    notes: dict = field(default_factory=dict)


class Checkpoints:
    """The checkpoints of a work directory.

    The newest `keep` and the best are kept. A file holds all tensors, the state and a checksum; one
    that does not check is named in the log and the one before it is taken.

    Args:
        directory: where they are.
        variables: what is saved, by name.
        keep: how many of the newest stay.
        writes: whether this process writes them; else it only reads.
    """

    def __init__(
        self, directory: str, variables: dict[str, tf.Variable], keep: int = 2, writes: bool = True
    ):
        self.directory = directory
        self.variables = variables
        self.keep = keep
        self.writes = writes

    def steps(self) -> list[int]:
        """Steps that there is a checkpoint of, ascending."""
        if not files.exists(self.directory):
            return []
        matches = (_NAME.fullmatch(name) for name in files.listdir(self.directory))
        return sorted(int(match[1]) for match in matches if match)

    def save(self, state: RunState) -> None:
        """Writes a checkpoint of `state.step`, then removes those that are no longer kept."""
        if not self.writes:
            return
        with files.write_beside(self._path(state.step), "wb") as file:
            checked = _Checked(file)
            tensors = {name: _announced(variable) for name, variable in self.variables.items()}
            tensors[_CHECKSUM] = Announced((), lambda: checked.checksum, np.dtype("<u4"))
            stream(checked, tensors, {"state": json.dumps(vars(state))})
        steps = self.steps()
        for step in steps[: -self.keep]:
            if step != state.best_step:
                files.remove(self._path(step))

    def restore_latest(self) -> RunState | None:
        """Restores the newest checkpoint that is whole; None when there is none."""
        for step in reversed(self.steps()):
            try:
                return self.restore(step)
            except _BrokenError as error:
                logging.warning("%s: %s; the one before it is taken", *error.parts[:2])
        return None

    def restore(self, step: int) -> RunState:
        """Restores the checkpoint of `step`.

        Raises:
            InputError: it is broken, or its tensors are not those of this run.
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
        """A checkpoint that is whole, all of it looked at; no tensor is kept in memory."""
        cure = "copy it back, or train again with another --workdir"
        try:
            file = TensorFile(self.directory, os.path.basename(self._path(step)))
            state = RunState(**json.loads(file.metadata["state"]))
            checksum = functools.reduce(lambda crc, part: zlib.crc32(part, crc), file.chunks(), 0)
        except Exception as error:  # whatever a broken file makes the readers raise
            problem = f"cannot be read ({type(error).__name__})"
            raise _BrokenError(self._path(step), problem, cure) from error
        if checksum != _RESIDUE:
            raise _BrokenError(self._path(step), "its checksum differs", cure)
        return file, state

    def _path(self, step: int) -> str:
        return os.path.join(self.directory, f"step-{step:08d}.safetensors")


class _BrokenError(InputError):
    """A checkpoint that is not whole."""


class _Checked:
    """A file that is open for writing, and the CRC of what has been written to it."""

    def __init__(self, file: IO[bytes]):
        self.file = file
        self.checksum = 0

    def write(self, data: bytes) -> None:
        self.checksum = zlib.crc32(data, self.checksum)
        self.file.write(data)


def _announced(variable: tf.Variable) -> Announced:
    dtype = np.dtype(variable.dtype.as_numpy_dtype)
    return Announced(tuple(variable.shape), variable.numpy, dtype)

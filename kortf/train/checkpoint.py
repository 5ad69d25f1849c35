"""Checkpoints: one safetensors file a step, written beside and renamed, checked when read."""

import json
import os
import re
import zlib
from dataclasses import dataclass, field

import numpy as np
import safetensors.numpy
import tensorflow as tf
from absl import logging

from kortf import files
from kortf.errors import InputError

_NAME = re.compile(r"step-(\d{8})\.safetensors")


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
        tensors = {name: np.asarray(v.numpy()) for name, v in self.variables.items()}
        metadata = {"state": json.dumps(vars(state)), "crc32": str(_checksum(tensors))}
        with files.write_beside(self._path(state.step), "wb") as file:
            file.write(safetensors.numpy.save(tensors, metadata))
        steps = self.steps()
        for step in steps[: -self.keep]:
            if step != state.best_step:
                files.remove(self._path(step))

    def restore_latest(self) -> RunState | None:
        """Restores the newest checkpoint that is whole; None when there is none."""
        for step in reversed(self.steps()):
            try:
                return self.restore(step)
            except _BrokenCheckpoint as error:
                logging.warning(
                    "%s: %s; the checkpoint before it is taken", self._path(step), error
                )
        return None

    def restore(self, step: int) -> RunState:
        """Restores the checkpoint of `step`.

        Raises:
            InputError: when its tensors are not those of this run.
        """
        tensors, state = self._read(step)
        for name, variable in self.variables.items():
            if name not in tensors or tensors[name].shape != tuple(variable.shape):
                there = tensors[name].shape if name in tensors else "nothing"
                raise InputError(
                    f"{self._path(step)}, tensor {name}",
                    f"{there} where the config asks for {tuple(variable.shape)}",
                    "use the config it was made with, or another --workdir",
                )
        for name, variable in self.variables.items():
            variable.assign(tensors[name])
        return state

    def _read(self, step: int) -> tuple[dict[str, np.ndarray], RunState]:
        with files.open_file(self._path(step)) as file:
            data = file.read()
        try:
            header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
            tensors = safetensors.numpy.load(data)
            metadata = header["__metadata__"]
            state = RunState(**json.loads(metadata["state"]))
        except Exception as error:  # whatever a broken file makes the readers raise
            raise _BrokenCheckpoint(f"cannot be read ({type(error).__name__})") from error
        if str(_checksum(tensors)) != metadata["crc32"]:
            raise _BrokenCheckpoint("its checksum differs")
        return tensors, state

    def _path(self, step: int) -> str:
        return os.path.join(self.directory, f"step-{step:08d}.safetensors")


class _BrokenCheckpoint(Exception):
    pass


def _checksum(tensors: dict[str, np.ndarray]) -> int:
    value = 0
    for name in sorted(tensors):
        value = zlib.crc32(
            np.ascontiguousarray(tensors[name]).view(np.uint8).reshape(-1).data, value
        )
    return value

"""The contract of a file that holds the tensors of a model directory."""

import abc
import contextlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator

import numpy as np

from kortf import files
from kortf.errors import InputError


class TensorSource(abc.ABC):
    """Tensors by name; none is read before it is asked for.

    Attributes:
        path: Path of the file.
        names: Names of all tensors in it.
    """

    path: str
    names: frozenset[str]

    def find(self, names: Iterable[str]) -> str | None:
        """Return the first of these names that is there, also in the spelling of older versions."""
        for name in names:
            for spelling in (name, _old_spelling(name)):
                if spelling in self.names:
                    return spelling
        return None

    def place(self, name: str) -> str:
        """Return the place of a tensor, for messages."""
        return f"{self.path}, tensor {name}"

    @abc.abstractmethod
    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of a tensor, without reading it."""

    @abc.abstractmethod
    def _slice(self, name: str, index: tuple[slice, ...]) -> np.ndarray:
        """Return a part of a tensor, as it is stored."""

    def read(self, name: str, part: int = 0, parts: int = 1) -> np.ndarray:
        """Return a tensor, or one of its equal parts along the last axis, as float32.

        Raises:
            InputError: It holds anything but floating point numbers, or cannot be read.
        """
        shape = self.shape(name)
        index = ()
        if parts > 1:
            width = shape[-1] // parts
            index = (*[slice(None)] * (len(shape) - 1), slice(part * width, (part + 1) * width))
        tensor = self._slice(name, index)
        if tensor.dtype.kind != "f" and tensor.dtype.name != "bfloat16":
            problem = f"holds {tensor.dtype.name} where floating point numbers are expected"
            raise InputError(self.place(name), problem, "take the model in float32")
        return tensor.astype(np.float32, copy=False)


@contextlib.contextmanager
def local(path: str) -> Iterator[str]:
    """Return a file on this machine with the content of `path`; it may be gone after the block.

    What is mapped into memory inside the block can be read afterwards as well.
    """
    if not files.is_remote(path):
        yield path
        return
    with tempfile.NamedTemporaryFile() as copy:
        with files.open_file(path) as remote:
            shutil.copyfileobj(remote, copy, 16 << 20)
        copy.flush()
        yield copy.name


def _old_spelling(name: str) -> str:
    """Layer normalisation as the first BERT models were converted."""
    head, _, last = name.rpartition(".")
    old = {"weight": "gamma", "bias": "beta"}.get(last)
    is_norm = head.replace("_", "").lower().endswith("layernorm")
    return f"{head}.{old}" if old and is_norm else name

"""Tensor files in the safetensors format, read one tensor at a time and written as a stream."""

import json
import math
import os
from collections.abc import Callable, Iterator
from typing import IO, NamedTuple

import ml_dtypes
import numpy as np
from safetensors import SafetensorError, safe_open

from kortf import files
from kortf.errors import InputError
from kortf.pretrained.formats.raw_file import RawFile
from kortf.pretrained.formats.tensor_source import TensorSource, local

FILE = "model.safetensors"
HEADS_FILE = "kortf_heads.safetensors"  # heads that Hugging Face's class does not have
_ALIGNMENT = 8
_CHUNK = 16 << 20
_DTYPES = {
    "F64": np.dtype("<f8"),
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "BF16": np.dtype(ml_dtypes.bfloat16),
    "I64": np.dtype("<i8"),
    "I32": np.dtype("<i4"),
    "U32": np.dtype("<u4"),
    "I8": np.dtype("i1"),
    "U8": np.dtype("u1"),
    "BOOL": np.dtype("?"),
}
_ITEM_SIZES = {name: dtype.itemsize for name, dtype in _DTYPES.items()} | {
    "U64": 8, "I16": 2, "U16": 2, "F8_E4M3": 1, "F8_E5M2": 1, "C64": 8,
}  # fmt: skip
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}


class TensorFile(TensorSource):
    """The tensors of a safetensors file.

    Attributes:
        metadata: Texts by name that stand beside them.
    """

    def __init__(self, directory: str, name: str = FILE):
        """Open the file.

        Args:
            directory: A model directory; a remote one's file is copied here first.
            name: Name of the file.

        Raises:
            InputError: There is none, or it is cut short or otherwise broken.
        """
        self.path = os.path.join(directory, name)
        if not files.exists(self.path):
            cure = "name a model directory, or download it again"
            raise InputError(directory, f"no {name} in it", cure)
        try:
            with local(self.path) as path:
                self._file = RawFile(path)
                with safe_open(path, framework="numpy") as opened:  # it checks the header
                    self.metadata = opened.metadata() or {}
                    self._entries = _read_entries(opened, self._file.size)
        except (SafetensorError, OSError, ValueError, OverflowError) as error:
            raise self._broken(error) from error
        self.names = frozenset(self._entries)

    def shape(self, name: str) -> tuple[int, ...]:
        return self._entries[name].shape

    def chunks(self) -> Iterator[np.ndarray]:
        """Return all bytes of the file, part after part."""
        for start in range(0, self._file.size, _CHUNK):
            yield self._file.read(start, np.dtype("u1"), min(_CHUNK, self._file.size - start))

    def _slice(self, name: str, index: tuple[slice, ...]) -> np.ndarray:
        entry = self._entries[name]
        dtype = _DTYPES.get(entry.dtype)
        if dtype is None:
            problem = f"holds {entry.dtype} where floating point numbers are expected"
            raise InputError(self.place(name), problem, "take the model in float32")
        try:
            numbers = self._file.read(entry.begin, dtype, math.prod(entry.shape))
            return numbers.reshape(entry.shape)[index]
        except (ValueError, OSError) as error:
            raise self._broken(error) from error

    def _broken(self, error: Exception) -> InputError:
        problem = f"not a whole safetensors file ({error})"
        return InputError(self.path, problem, "copy or download it again")


class _Entry(NamedTuple):
    """A tensor of a file: its dtype as the format spells it, its shape, its first byte."""

    dtype: str
    shape: tuple[int, ...]
    begin: int


def _read_entries(opened, size: int) -> dict[str, _Entry]:
    """Return the tensors of an open file of `size` bytes by name.

    The format has no gaps between tensors, so that their places follow from their sizes.
    """
    entries, offset = {}, 0
    for name in opened.offset_keys():
        part = opened.get_slice(name)
        dtype, shape = part.get_dtype(), tuple(part.get_shape())
        if dtype not in _ITEM_SIZES:
            raise ValueError(f"tensor {name[:80]} holds {dtype}")
        entries[name] = _Entry(dtype, shape, offset)
        offset += _ITEM_SIZES[dtype] * math.prod(shape)
    begin = size - offset  # behind the header
    return {name: entry._replace(begin=begin + entry.begin) for name, entry in entries.items()}


class Announced(NamedTuple):
    """A tensor that is to be written, read when its turn comes.

    Attributes:
        shape: Its shape.
        read: Returns it.
        dtype: In which it is written, little-endian.
    """

    shape: tuple[int, ...]
    read: Callable[[], np.ndarray]
    dtype: np.dtype = _DTYPES["F32"]


def write(path: str, tensors: dict[str, Announced]) -> None:
    """Write tensors beside `path` and renames, holding one in memory at a time.

    Args:
        path: Path of the file.
        tensors: By name.
    """
    with files.write_beside(path, "wb") as file:
        stream(file, tensors, {"format": "pt"})


def stream(file: IO[bytes], tensors: dict[str, Announced], metadata: dict[str, str]) -> None:
    """Write tensors in the order in which they are announced, reading one after the other.

    Args:
        file: Open for writing.
        tensors: By name.
        metadata: Texts by name.
    """
    header, offset = {"__metadata__": metadata}, 0
    for name, (shape, _, dtype) in tensors.items():
        end = offset + dtype.itemsize * math.prod(shape)
        entry = {"dtype": _NAMES[dtype], "shape": list(shape), "data_offsets": [offset, end]}
        header[name], offset = entry, end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _ALIGNMENT)
    file.write(len(text).to_bytes(8, "little") + text)
    for name, (shape, read, dtype) in tensors.items():
        tensor = np.asarray(read(), dtype)
        if tensor.shape != shape:
            raise ValueError(f"{name}: {tensor.shape} where {shape} was announced")
        file.write(tensor.tobytes())  # in C order, whatever the strides

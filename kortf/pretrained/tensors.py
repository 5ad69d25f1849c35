"""Tensor files in the safetensors format, read one tensor at a time and written as a stream."""

import json
import os
from collections.abc import Callable

import numpy as np
from safetensors import SafetensorError, safe_open

from kortf import files
from kortf.errors import InputError
from kortf.pretrained.tensor_source import TensorSource, local

FILE = "model.safetensors"
HEADS_FILE = "kortf_heads.safetensors"  # heads that Hugging Face's class does not have
_ALIGNMENT = 8


class TensorFile(TensorSource):
    """The tensors of a safetensors file."""

    def __init__(self, directory: str, name: str = FILE):
        """Opens the file.

        Args:
            directory: a model directory; a remote one's file is copied here first.
            name: of the file.

        Raises:
            InputError: there is none, or it is cut short or otherwise broken.
        """
        self.path = os.path.join(directory, name)
        if not files.exists(self.path):
            cure = "name a model directory, or download it again"
            raise InputError(directory, f"no {name} in it", cure)
        try:
            with local(self.path) as path:
                self._file = safe_open(path, framework="numpy")
            self.names = frozenset(self._file.keys())
        except (SafetensorError, OSError, ValueError) as error:
            raise self._broken(error) from error

    def shape(self, name: str) -> tuple[int, ...]:
        return tuple(self._file.get_slice(name).get_shape())

    def _slice(self, name: str, index: tuple[slice, ...]) -> np.ndarray:
        try:
            return self._file.get_slice(name)[index or ...]
        except (SafetensorError, TypeError, ValueError, OSError) as error:
            raise self._broken(error) from error

    def _broken(self, error: Exception) -> InputError:
        problem = f"not a whole safetensors file ({error})"
        return InputError(self.path, problem, "copy or download it again")


def write(path: str, tensors: dict[str, tuple[tuple[int, ...], Callable[[], np.ndarray]]]) -> None:
    """Writes float32 tensors beside `path` and renames, holding one in memory at a time.

    Args:
        path: of the file.
        tensors: name to its shape and a function that returns it.
    """
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, (shape, _) in tensors.items():
        end = offset + 4 * int(np.prod(shape))
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _ALIGNMENT)
    with files.write_beside(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for name, (shape, read) in tensors.items():
            tensor = np.asarray(read(), "<f4")
            if tensor.shape != shape:
                raise ValueError(f"{name}: {tensor.shape} where {shape} was announced")
            file.write(tensor.tobytes())  # in C order, whatever the strides

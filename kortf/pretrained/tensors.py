"""Tensor files in the safetensors format, read one tensor at a time and written as a stream."""

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable

import numpy as np
from safetensors import SafetensorError, safe_open

from kortf import files
from kortf.errors import InputError

FILE = "model.safetensors"
HEADS_FILE = "kortf_heads.safetensors"  # heads that Hugging Face's class does not have
# What the directory may hold instead, and why that does not help.
_OTHERS = {
    "model.safetensors.index.json": "the weights are split over several files",
    "pytorch_model.bin": "the weights are a pickle of torch",
    "pytorch_model.bin.index.json": "the weights are pickles of torch",
    "tf_model.h5": "the weights are in TensorFlow's old format",
}
_ALIGNMENT = 8


class TensorFile:
    """The tensors of a model directory; none is read before it is asked for.

    Attributes:
        path: of the file.
        names: of all tensors in it.
    """

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
            raise _missing(directory)
        try:
            self._file = _open(self.path)
            self.names = frozenset(self._file.keys())
        except (SafetensorError, OSError, ValueError) as error:
            raise self._broken(error) from error

    def find(self, names: Iterable[str]) -> str | None:
        """The first of these names that is in the file, also in the spelling of older versions."""
        for name in names:
            for spelling in (name, _old_spelling(name)):
                if spelling in self.names:
                    return spelling
        return None

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a tensor, without reading it."""
        return tuple(self._file.get_slice(name).get_shape())

    def read(self, name: str, part: int = 0, parts: int = 1) -> np.ndarray:
        """A tensor, or one of its equal parts along the last axis, as float32."""
        try:
            tensor = self._file.get_slice(name)[self._part(name, part, parts)]
        except (SafetensorError, TypeError, ValueError, OSError) as error:
            raise self._broken(error) from error
        if tensor.dtype.kind != "f" and tensor.dtype.name != "bfloat16":
            problem = f"holds {tensor.dtype.name} where floating point numbers are expected"
            raise InputError(f"{self.path}, tensor {name}", problem, "take the model in float32")
        return tensor.astype(np.float32)

    def _part(self, name: str, part: int, parts: int) -> tuple[slice, ...]:
        shape = self.shape(name)
        width = shape[-1] // parts
        return (*[slice(None)] * (len(shape) - 1), slice(part * width, (part + 1) * width))

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


def _open(path: str):
    if not files.is_remote(path):
        return safe_open(path, framework="numpy")
    with tempfile.NamedTemporaryFile(suffix=".safetensors") as local:
        with files.open_file(path) as remote:
            shutil.copyfileobj(remote, local, 16 << 20)
        local.flush()
        return safe_open(local.name, framework="numpy")  # mapped: the name may go


def _old_spelling(name: str) -> str:
    """Layer normalisation as the first BERT models were converted."""
    head, _, last = name.rpartition(".")
    old = {"weight": "gamma", "bias": "beta"}.get(last)
    return f"{head}.{old}" if old and head.endswith("LayerNorm") else name


def _missing(directory: str) -> InputError:
    for name, problem in _OTHERS.items():
        if files.exists(os.path.join(directory, name)):
            cure = f"convert them with transformers: save_pretrained writes {FILE}"
            return InputError(os.path.join(directory, name), problem, cure)
    return InputError(directory, f"no {FILE} in it", "name a model directory, or download it again")

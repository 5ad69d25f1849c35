"""Weights that are split over several files, with an index of which tensor is where."""

import os

import numpy as np

from kortf import files
from kortf.errors import InputError
from kortf.pretrained.formats.tensor_source import TensorSource
from kortf.pretrained.formats.tensors import TensorFile
from kortf.pretrained.formats.torch_file import TorchFile

_CURE = "download the directory again"
_MOST_FILES = 10_000


class Shards(TensorSource):
    """The tensors that an index such as `model.safetensors.index.json` lists."""

    def __init__(self, directory: str, name: str):
        """Open the index and all files that it names.

        Args:
            directory: A model directory; nothing outside of it is read.
            name: Name of the index.

        Raises:
            InputError: The index is broken or names what is no file beside it, or a file or a
                tensor is missing.
        """
        self.path = os.path.join(directory, name)
        index = files.read_json(self.path)
        where = index.get("weight_map") if isinstance(index, dict) else None
        if not isinstance(where, dict) or not where:
            raise InputError(f"{self.path}, weight_map", "is missing", _CURE)
        if len({str(file) for file in where.values()}) > _MOST_FILES:
            problem = f"names more than {_MOST_FILES:,} files"
            raise InputError(f"{self.path}, weight_map", problem, _CURE)
        opened = {}
        self._of = {}
        for tensor, file in where.items():
            if not isinstance(file, str) or file not in opened:
                opened[file] = self._open(directory, tensor, file)
            if tensor not in opened[file].names:
                raise InputError(
                    opened[file].place(tensor), f"is missing, but {name} lists it", _CURE
                )
            self._of[tensor] = opened[file]
        self.names = frozenset(self._of)

    def _open(self, directory: str, tensor: str, file) -> TensorSource:
        place = f"{self.path}, tensor {tensor}"
        plain = isinstance(file, str) and file == os.path.basename(file) and "\\" not in file
        if not plain or not file.endswith((".safetensors", ".bin")):
            raise InputError(place, f"{file!r} is not the name of a file beside it", _CURE)
        if not files.exists(os.path.join(directory, file)):
            raise InputError(place, f"there is no {file}", _CURE)
        return (TensorFile if file.endswith(".safetensors") else TorchFile)(directory, file)

    def place(self, name: str) -> str:
        return self._of[name].place(name) if name in self._of else super().place(name)

    def shape(self, name: str) -> tuple[int, ...]:
        return self._of[name].shape(name)

    def _slice(self, name: str, index: tuple[slice, ...]) -> np.ndarray:
        return self._of[name]._slice(name, index)

"""Read `pytorch_model.bin`, the tensors that torch saves, without torch."""

import io
import mmap
import os
import struct
import zipfile
import zlib
from typing import IO

import numpy as np

from kortf import files
from kortf.errors import InputError
from kortf.pretrained.formats import torch_pickle
from kortf.pretrained.formats.raw_file import RawFile
from kortf.pretrained.formats.tensor_source import TensorSource, local
from kortf.pretrained.formats.torch_pickle import Storage, StoredTensor, Unreadable

FILE = "pytorch_model.bin"
# Files of torch before version 1.6 begin with this number and that of their format.
_MAGIC, _PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
_MOST_BYTES = 64 << 20  # of the table in a zip archive
_BROKEN = (
    Unreadable, zipfile.BadZipFile, OSError, ValueError, TypeError, KeyError, IndexError,
    OverflowError, RuntimeError, EOFError, MemoryError, struct.error, zlib.error,
)  # fmt: skip


class TorchFile(TensorSource):
    """The tensors of a file that `torch.save` has written of a model's `state_dict()`."""

    def __init__(self, directory: str, name: str = FILE):
        """Open the file.

        Args:
            directory: A model directory; a remote one's file is copied here first.
            name: Name of the file.

        Raises:
            InputError: It is cut short or otherwise broken, or holds anything but tensors.
        """
        self.path = os.path.join(directory, name)
        if not files.exists(self.path):
            raise InputError(directory, f"no {name} in it", "download it again")
        try:
            with local(self.path) as path, open(path, "rb") as file:
                self._file = RawFile(path)
                if self._file.read(0, np.dtype("u1"), 2).tobytes() == b"PK":
                    tensors, self._offsets = _read_zip(file)
                else:
                    data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
                    tensors, self._offsets = _read_old(data)
            _check(tensors, self._offsets, self._file.size)
        except _BROKEN as error:
            reason = str(error) if isinstance(error, Unreadable) else type(error).__name__
            problem = f"not a whole file of torch's tensors alone: {reason}"
            cure = "download it again, or take the model as safetensors"
            raise InputError(self.path, problem, cure) from error
        self._tensors = tensors
        self.names = frozenset(tensors)

    def shape(self, name: str) -> tuple[int, ...]:
        return self._tensors[name].shape

    def _slice(self, name: str, index: tuple[slice, ...]) -> np.ndarray:
        tensor = self._tensors[name]
        dtype = tensor.storage.dtype
        if 0 in tensor.shape:
            return np.zeros(tensor.shape, dtype)
        begin = self._offsets[tensor.storage.key] + tensor.offset * dtype.itemsize
        steps = zip(tensor.shape, tensor.strides, strict=True)
        numbers = self._file.read(begin, dtype, 1 + sum((n - 1) * step for n, step in steps))
        strides = [step * dtype.itemsize for step in tensor.strides]
        return np.ndarray(tensor.shape, dtype, numbers, 0, strides)[index]


def _read_zip(file: IO[bytes]) -> tuple[dict[str, StoredTensor], dict[str, int]]:
    """Tensors by name, and the place in the file of each storage: as torch writes since 1.6."""
    archive = zipfile.ZipFile(file)
    entries = {info.filename: info for info in archive.infolist()}
    tables = [name for name in entries if name.endswith("/data.pkl")]
    if len(tables) != 1 or any(
        info.compress_type != zipfile.ZIP_STORED for info in entries.values()
    ):
        raise Unreadable("it is no archive of torch's")
    (table,) = tables
    if entries[table].file_size > _MOST_BYTES:
        raise Unreadable(f"its table has more than {_MOST_BYTES:,} bytes")
    folder = table.removesuffix("data.pkl")
    order = entries.get(f"{folder}byteorder")
    if order is not None and (order.file_size > 6 or archive.read(order) != b"little"):
        raise Unreadable("its numbers are big-endian")
    tensors = _tensors(torch_pickle.load(io.BytesIO(archive.read(table))))
    offsets = {}
    for tensor in tensors.values():
        info = entries.get(f"{folder}data/{tensor.storage.key}")
        if info is None:
            raise Unreadable("it has no numbers for one of its tensors")
        size = tensor.storage.size * tensor.storage.dtype.itemsize
        if info.file_size != size:
            raise Unreadable("a storage has another size than the table says")
        file.seek(info.header_offset)
        header = file.read(30)
        names = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
        offsets[tensor.storage.key] = info.header_offset + 30 + names
    return tensors, offsets


def _read_old(data: mmap.mmap) -> tuple[dict[str, StoredTensor], dict[str, int]]:
    """The same as torch wrote it before 1.6: five pickles, then each storage with its length."""
    for expected in (_MAGIC, _PROTOCOL):
        number = torch_pickle.load(data)
        if not isinstance(number, int) or number != expected:
            raise Unreadable("it does not begin as torch's files do")
    system = torch_pickle.load(data)
    if not isinstance(system, dict) or system.get("little_endian") is not True:
        raise Unreadable("its numbers are big-endian")
    tensors, keys = _tensors(torch_pickle.load(data)), torch_pickle.load(data)
    storages: dict[str, Storage] = {t.storage.key: t.storage for t in tensors.values()}
    offsets, place = {}, data.tell()
    listed = isinstance(keys, list) and all(isinstance(key, str) for key in keys)
    if not listed or len(keys) != len(storages) or set(keys) != set(storages):
        raise Unreadable("it lists other storages than it has")
    for key in keys:
        size = int.from_bytes(data[place : place + 8], "little")
        if size != storages[key].size:
            raise Unreadable("a storage has another size than the table says")
        offsets[key] = place + 8
        place += 8 + size * storages[key].dtype.itemsize
    return tensors, offsets


def _tensors(table) -> dict[str, StoredTensor]:
    if not isinstance(table, dict):
        raise Unreadable("it is no table of tensors")
    for name, value in table.items():
        if not isinstance(name, str) or not isinstance(value, StoredTensor):
            raise Unreadable("it holds something that is not a tensor")
        name.encode()  # no half surrogate pairs
    return table


def _check(tensors: dict[str, StoredTensor], offsets: dict[str, int], size: int) -> None:
    storages: dict[str, Storage] = {}
    for name, tensor in tensors.items():
        if storages.setdefault(tensor.storage.key, tensor.storage) != tensor.storage:
            raise Unreadable("two tensors disagree about their storage")
        end = offsets[tensor.storage.key] + tensor.storage.size * tensor.storage.dtype.itemsize
        if end > size:
            raise Unreadable(f"tensor {name[:80]} reaches beyond the end of the file")

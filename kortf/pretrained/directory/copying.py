"""Tensors of files to variables of layers, and back."""

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import tensorflow as tf
from keras import ops

from kortf.errors import InputError
from kortf.pretrained.directory.variables import variable
from kortf.pretrained.family import Tensor
from kortf.pretrained.formats.raw_file import ALIGNMENT
from kortf.pretrained.formats.tensor_source import TensorSource
from kortf.pretrained.formats.tensors import Announced


class Plan:
    """Assignment of tensors to variables, checked before anything is copied.

    Attributes:
        names: Names of the tensors in the file that are read.
        missing: Names of optional tensors that are not there.

    Args:
        layer: Layer whose variables are filled.
        table: Its tensors.
        file: File with the tensors.
        prefixes: Possible prefixes of their names there, most likely first.
        cure: How to fix a size that does not fit.

    Raises:
        InputError: A tensor is missing or has another shape.
    """

    def __init__(
        self,
        layer,
        table: Sequence[Tensor],
        file: TensorSource,
        prefixes: Sequence[str] = ("",),
        cure: str = "name another directory",
    ):
        self.layer, self.table, self.file = layer, table, file
        self.rows, self.missing = [], []
        for tensor in table:
            target = variable(layer, tensor.ours)
            wanted = _stored_shape(target, tensor)
            name = file.find([prefix + tensor.theirs for prefix in prefixes])
            if name is None:
                if tensor.optional:
                    self.missing.append(tensor.theirs)
                    continue
                place = file.place(tensor.theirs)
                raise InputError(place, f"is missing where the model has {list(wanted)}", cure)
            if file.shape(name) != wanted:
                there = list(file.shape(name))
                problem = f"has the shape {there} where the model has {list(wanted)}"
                raise InputError(file.place(name), problem, cure)
            self.rows.append((target, tensor, name))

    @property
    def names(self) -> set[str]:
        return {name for _, _, name in self.rows}

    def unread(self) -> list:
        """Variables of the table that no tensor fills."""
        read = {id(target) for target, _, _ in self.rows}
        targets = (variable(self.layer, tensor.ours) for tensor in self.table)
        return [target for target in targets if id(target) not in read]

    def copy(self) -> None:
        """Fill the variables."""
        values = _one_ahead(self._read, self.rows)
        for (target, tensor, _), value in zip(self.rows, values, strict=True):
            value = _taken_over(value)
            # Turned by TensorFlow, which takes all cores for it.
            target.assign(ops.transpose(value) if tensor.transpose else value)

    def _read(self, row: tuple) -> np.ndarray:
        _, tensor, name = row
        if tensor.transpose and tensor.parts > 1:  # parts of rows, which were columns of ours
            value = np.array(np.split(self.file.read(name), tensor.parts)[tensor.part])
        else:
            value = self.file.read(name, tensor.part, tensor.parts)
        if tensor.axis is not None:
            value = np.squeeze(value, tensor.axis)
        return value if tensor.scale == 1 else value / np.float32(tensor.scale)


def _one_ahead(function: Callable, items: Iterable) -> Iterator:
    """`function` of each item, made by a thread while the one before it is in use."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        made = (thread.submit(function, item) for item in items)
        ahead = next(made, None)
        while ahead is not None:
            now, ahead = ahead, next(made, None)
            yield now.result()


def _taken_over(value: np.ndarray):
    """An array as a tensor in the same memory: the usual way copies it."""
    aligned = value.ctypes.data % ALIGNMENT == 0  # as kernels of vector instructions need it
    if not (value.flags.c_contiguous and value.flags.writeable and value.size and aligned):
        return ops.convert_to_tensor(value)
    return tf.experimental.dlpack.from_dlpack(value.__dlpack__())


def has_any(table: Sequence[Tensor], file: TensorSource) -> bool:
    """Return whether a file has one of these tensors."""
    return any(file.find([tensor.theirs]) for tensor in table)


def collect(rows: Iterable[tuple]) -> dict[str, Announced]:
    """Return the tensors to write, as `tensors.write` takes them.

    Args:
        rows: `(layer, Tensor, name in the file)`; parts of one tensor follow each other.
    """
    by_name = {}
    for layer, tensor, name in rows:
        by_name.setdefault(name, []).append((variable(layer, tensor.ours), tensor))
    return {
        name: Announced(_stored_shape(*parts[0]), functools.partial(_stored_value, parts))
        for name, parts in by_name.items()
    }


def _stored_shape(target, tensor: Tensor) -> tuple[int, ...]:
    shape = list(target.shape)[::-1] if tensor.transpose else list(target.shape)
    shape[0 if tensor.transpose else -1] *= tensor.parts
    if tensor.axis is not None:
        shape.insert(tensor.axis, 1)
    return tuple(shape)


def _stored_value(parts: list[tuple]) -> np.ndarray:
    values = [_stored_part(ops.convert_to_numpy(source), tensor) for source, tensor in parts]
    axis = 0 if parts[0][1].transpose else -1
    return values[0] if len(values) == 1 else np.concatenate(values, axis=axis)


def _stored_part(value: np.ndarray, tensor: Tensor) -> np.ndarray:
    value = value if tensor.scale == 1 else value * np.float32(tensor.scale)
    value = value.T if tensor.transpose else value
    return value if tensor.axis is None else np.expand_dims(value, tensor.axis)

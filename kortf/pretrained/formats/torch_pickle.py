"""Reads what a pickle of torch says about its tensors, executing nothing.

A pickle is a small program: it may name any function and have it called. Here its opcodes are
followed by hand. The few names that the dictionary of a model's tensors needs are known by their
spelling, and stand for what is done below; no name is ever imported and nothing else is called.
"""

import dataclasses
import math
import pickletools
from collections.abc import Iterable
from typing import IO, Any

import ml_dtypes
import numpy as np

DTYPES = {
    "FloatStorage": np.dtype("<f4"),
    "HalfStorage": np.dtype("<f2"),
    "BFloat16Storage": np.dtype(ml_dtypes.bfloat16),
    "DoubleStorage": np.dtype("<f8"),
    "LongStorage": np.dtype("<i8"),
    "IntStorage": np.dtype("<i4"),
    "ShortStorage": np.dtype("<i2"),
    "CharStorage": np.dtype("i1"),
    "ByteStorage": np.dtype("u1"),
    "BoolStorage": np.dtype("?"),
}


@dataclasses.dataclass(frozen=True)
class Storage:
    """A run of numbers that tensors lie in: its key in the file, what they are, how many."""

    key: str
    dtype: np.dtype
    size: int


@dataclasses.dataclass(frozen=True)
class StoredTensor:
    """A tensor: where in which storage it begins, its shape, and its strides in numbers."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class _Name:
    """What a pickle names: a module and something in it."""

    spelling: str


class Unreadable(ValueError):
    """The pickle holds what no dictionary of tensors needs, or is broken."""


def load(file: IO[bytes]) -> Any:
    """Follows one pickle, up to its end.

    Args:
        file: stands behind it afterwards.

    Returns:
        Numbers, strings, tuples, lists and dicts of each other and of `StoredTensor`.

    Raises:
        Unreadable: it asks for anything else.
    """
    stack, marks, memo = [], [], {}
    try:
        for opcode, argument, _ in pickletools.genops(file):
            if opcode.name in _PLAIN:
                stack.append(argument)
            elif opcode.name in _MADE:
                stack.append(_MADE[opcode.name]())
            elif opcode.name == "MARK":
                marks.append(len(stack))
            elif opcode.name in _GATHERED:
                begin = marks.pop()
                items = stack[begin:]
                del stack[begin:]
                _GATHERED[opcode.name](stack, items)
            elif opcode.name in _MEMO:
                _MEMO[opcode.name](stack, memo, argument)
            elif opcode.name in _STEPS:
                _STEPS[opcode.name](stack, argument)
            elif opcode.name not in ("PROTO", "FRAME", "STOP"):
                raise Unreadable(f"it holds {opcode.name}, which no table of tensors needs")
        (result,) = stack
        if marks:
            raise Unreadable("broken (a group is not closed)")
    except Unreadable:
        raise
    except (ValueError, TypeError, IndexError, KeyError, AttributeError, MemoryError) as error:
        raise Unreadable(f"broken ({error})") from error
    return result


def _call(stack: list, _) -> None:
    arguments, called = stack.pop(), stack.pop()
    if not isinstance(called, _Name) or called.spelling not in _CALLS:
        raise Unreadable("it calls what is no function of torch")
    stack.append(_CALLS[called.spelling](*arguments))


def _name(stack: list, spelling: str) -> None:
    spelling = spelling.replace(" ", ".")
    module, _, last = spelling.rpartition(".")
    if spelling not in _CALLS and not (module == "torch" and last in DTYPES):
        raise Unreadable(f"it names {spelling!r}, which is no tensor")
    stack.append(_Name(spelling))


def _stack_name(stack: list, _) -> None:
    last, module = stack.pop(), stack.pop()
    _name(stack, f"{module}.{last}")


def _storage(stack: list, _) -> None:
    kind, dtype, key, _, size, *view = stack.pop()
    if kind != "storage" or any(part is not None for part in view):
        raise Unreadable("it holds a storage of another kind")
    dtype = DTYPES[dtype.spelling.rpartition(".")[2]]
    if not isinstance(key, str) or not isinstance(size, int) or size < 0:
        raise Unreadable("it holds a storage without a name or size")
    stack.append(Storage(key, dtype, size))


def _tensor(storage, offset, shape, strides, *_) -> StoredTensor:
    sizes = (offset, *shape, *strides)
    if not isinstance(storage, Storage) or len(shape) != len(strides):
        raise Unreadable("a tensor is not of a storage")
    if any(not isinstance(size, int) or size < 0 for size in sizes):
        raise Unreadable("a tensor has a size below zero")
    last = offset + sum((n - 1) * step for n, step in zip(shape, strides, strict=True))
    if 0 not in shape and (last >= storage.size or math.prod(shape) > storage.size):
        raise Unreadable(f"a tensor {list(shape)} reaches beyond its {storage.size} numbers")
    return StoredTensor(storage, offset, tuple(shape), tuple(strides))


def _set_items(stack: list, items: list) -> None:
    if not isinstance(stack[-1], dict):
        raise Unreadable("it sets items of what is no dictionary")
    stack[-1].update(_table(zip(items[::2], items[1::2], strict=True)))


def _table(pairs: Iterable = ()) -> dict:
    table = {}
    for key, value in pairs:
        if not isinstance(key, (str, int)):  # to hash a tuple of tuples may take for ever
            raise Unreadable("it has keys that are no names")
        table[key] = value
    return table


def _build(stack: list, _) -> None:
    stack.pop()  # notes of torch on the versions of its layers
    if not isinstance(stack[-1], dict):
        raise Unreadable("it sets the state of what is no dictionary")


def _take(stack: list, number: int) -> list:
    items = stack[len(stack) - number :]
    del stack[len(stack) - number :]
    return items


_PLAIN = {
    "BININT", "BININT1", "BININT2", "LONG1", "INT", "LONG", "BINFLOAT",
    "BINUNICODE", "SHORT_BINUNICODE", "SHORT_BINSTRING", "BINSTRING",
}  # fmt: skip
_MADE = {
    "NONE": lambda: None, "NEWTRUE": lambda: True, "NEWFALSE": lambda: False,
    "EMPTY_TUPLE": tuple, "EMPTY_LIST": list, "EMPTY_DICT": dict,
}  # fmt: skip
_GATHERED = {
    "TUPLE": lambda stack, items: stack.append(tuple(items)),
    "LIST": lambda stack, items: stack.append(items),
    "APPENDS": lambda stack, items: stack[-1].extend(items),
    "SETITEMS": _set_items,
}
_MEMO = {
    "BINPUT": lambda stack, memo, key: memo.update({key: stack[-1]}),
    "LONG_BINPUT": lambda stack, memo, key: memo.update({key: stack[-1]}),
    "MEMOIZE": lambda stack, memo, _: memo.update({len(memo): stack[-1]}),
    "BINGET": lambda stack, memo, key: stack.append(memo[key]),
    "LONG_BINGET": lambda stack, memo, key: stack.append(memo[key]),
}
_STEPS = {
    "GLOBAL": _name,
    "STACK_GLOBAL": _stack_name,
    "REDUCE": _call,
    "BINPERSID": _storage,
    "BUILD": _build,
    "TUPLE1": lambda stack, _: stack.append(tuple(_take(stack, 1))),
    "TUPLE2": lambda stack, _: stack.append(tuple(_take(stack, 2))),
    "TUPLE3": lambda stack, _: stack.append(tuple(_take(stack, 3))),
    "APPEND": lambda stack, _: stack[-2].append(stack.pop()),
    "SETITEM": lambda stack, _: _set_items(stack, _take(stack, 2)),
}
_CALLS = {
    "collections.OrderedDict": _table,
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_parameter": lambda tensor, *_: tensor,
}

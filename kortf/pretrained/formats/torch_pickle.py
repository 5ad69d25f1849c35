"""Read the tensor table of a torch pickle without executing it.

A pickle is a program: it may name any function and have it called. This module interprets its
opcodes itself. It knows the few names that a model's tensor table needs by their spelling; it never
imports a name and never calls anything else. What a pickle may use is bounded: see the limits.
"""

import dataclasses
import math
import pickletools
from collections.abc import Iterable
from typing import IO, Any

import ml_dtypes
import numpy as np

MAX_OPCODES = 2_000_000  # a tensor takes about 40
MAX_ITEMS = 1_000_000  # of all tables together
MAX_RANK = 64
MAX_SIZE = 2**63
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
    """Numbers that tensors are views of: the key in the file, the dtype, the count."""

    key: str
    dtype: np.dtype
    size: int


@dataclasses.dataclass(frozen=True)
class StoredTensor:
    """A tensor: its storage, its first number there, its shape, and its strides in numbers."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class _Name:
    """A name in a pickle: a module and an attribute of it."""

    spelling: str


class Unreadable(ValueError):
    """The pickle holds something that no tensor table needs, is too large, or is broken."""


def load(file: IO[bytes]) -> Any:
    """Interpret one pickle up to its end.

    The result may be nested deeply, or share its parts: do not hash, compare or print any part of
    it whose type has not been checked.

    Args:
        file: File at the begin of the pickle; afterwards it is behind it.

    Returns:
        Numbers, strings, tuples, lists and dicts of each other and of `StoredTensor`.

    Raises:
        Unreadable: The pickle asks for anything else, or exceeds a limit.
    """
    stack, marks, memo = [], [], {}
    tables = _Tables()
    try:
        for count, (opcode, argument, _) in enumerate(pickletools.genops(file)):
            if count == MAX_OPCODES:
                raise Unreadable(f"it has more than {MAX_OPCODES:,} opcodes")
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
                _GATHERED[opcode.name](stack, items, tables)
            elif opcode.name in _MEMO:
                _MEMO[opcode.name](stack, memo, argument)
            elif opcode.name in _STEPS:
                _STEPS[opcode.name](stack, argument, tables)
            elif opcode.name not in ("PROTO", "FRAME", "STOP"):
                raise Unreadable(f"it holds {opcode.name}, which no table of tensors needs")
        (result,) = stack
        if marks:
            raise Unreadable("broken (a group is not closed)")
    except Unreadable:
        raise
    except _BROKEN as error:
        raise Unreadable(f"broken ({type(error).__name__})") from error
    return result


class _Tables:
    """Make and fill the dictionaries of one pickle, up to `MAX_ITEMS` items."""

    def __init__(self):
        self.items = 0

    def make(self, pairs: Iterable = ()) -> dict:
        return self.fill({}, pairs)

    def fill(self, table: dict, pairs: Iterable) -> dict:
        for key, value in pairs:
            if not isinstance(key, (str, int)):  # hashing a nested tuple may not end
                raise Unreadable("it has keys that are no names")
            self.items += 1
            if self.items > MAX_ITEMS:
                raise Unreadable(f"its tables have more than {MAX_ITEMS:,} items")
            table[key] = value
        return table


def _call(stack: list, _, tables: _Tables) -> None:
    arguments, called = stack.pop(), stack.pop()
    if not isinstance(called, _Name) or not isinstance(arguments, tuple):
        raise Unreadable("it calls something that is no function of torch")
    if called.spelling == "collections.OrderedDict":
        stack.append(tables.make(*arguments))
    elif called.spelling == "torch._utils._rebuild_parameter":
        stack.append(arguments[0])
    elif called.spelling in _CALLS:
        stack.append(_tensor(*arguments[:4]))
    else:
        raise Unreadable("it calls something that is no function of torch")


def _name(stack: list, spelling: str, tables: _Tables) -> None:
    spelling = spelling.replace(" ", ".")
    module, _, last = spelling.rpartition(".")
    if spelling not in _CALLS and not (module == "torch" and last in DTYPES):
        raise Unreadable(f"it names {spelling[:80]!r}, which is no tensor")
    stack.append(_Name(spelling))


def _stack_name(stack: list, _, tables: _Tables) -> None:
    last, module = stack.pop(), stack.pop()
    if not isinstance(last, str) or not isinstance(module, str):
        raise Unreadable("it names something that is no text")
    _name(stack, f"{module}.{last}", tables)


def _storage(stack: list, _, tables: _Tables) -> None:
    described = stack.pop()
    if not isinstance(described, tuple) or not 5 <= len(described) <= 6:
        raise Unreadable("it holds a storage of another kind")
    kind, dtype, key, _, size, *view = described
    if not isinstance(kind, str) or kind != "storage" or view not in ([], [None]):
        raise Unreadable("it holds a storage of another kind")
    if not isinstance(dtype, _Name) or not isinstance(key, str) or not _is_size(size):
        raise Unreadable("it holds a storage without a type, name or size")
    stack.append(Storage(key, DTYPES[dtype.spelling.rpartition(".")[2]], size))


def _is_size(value) -> bool:
    return isinstance(value, int) and 0 <= value < MAX_SIZE


def _tensor(storage, offset, shape, strides) -> StoredTensor:
    if not isinstance(storage, Storage):
        raise Unreadable("a tensor is not of a storage")
    for part in (shape, strides):
        if not isinstance(part, tuple) or len(part) > MAX_RANK or len(part) != len(shape):
            raise Unreadable(f"a tensor has no shape of at most {MAX_RANK} axes")
    if not all(map(_is_size, (offset, *shape, *strides))):
        raise Unreadable("a tensor has a size below zero or above 2^63")
    last = offset + sum((n - 1) * step for n, step in zip(shape, strides, strict=True))
    if 0 not in shape and (last >= storage.size or math.prod(shape) > storage.size):
        raise Unreadable(f"a tensor {list(shape)} reaches beyond its {storage.size} numbers")
    return StoredTensor(storage, offset, shape, strides)


def _set_items(stack: list, items: list, tables: _Tables) -> None:
    if not isinstance(stack[-1], dict):
        raise Unreadable("it sets items of something that is no dictionary")
    tables.fill(stack[-1], zip(items[::2], items[1::2], strict=True))


def _extend(stack: list, items: list, tables: _Tables) -> None:
    if not isinstance(stack[-1], list):
        raise Unreadable("it appends to something that is no list")
    stack[-1].extend(items)


def _build(stack: list, _, tables: _Tables) -> None:
    stack.pop()  # versions of torch's layers
    if not isinstance(stack[-1], dict):
        raise Unreadable("it sets the state of something that is no dictionary")


def _take(stack: list, number: int) -> list:
    if len(stack) < number:
        raise Unreadable("broken (the stack is empty)")
    items = stack[len(stack) - number :]
    del stack[len(stack) - number :]
    return items


_BROKEN = (
    ValueError, TypeError, IndexError, KeyError, AttributeError, MemoryError, OverflowError,
    RecursionError, EOFError,
)  # fmt: skip
_PLAIN = {
    "BININT", "BININT1", "BININT2", "LONG1", "INT", "LONG", "BINFLOAT",
    "BINUNICODE", "SHORT_BINUNICODE", "SHORT_BINSTRING", "BINSTRING",
}  # fmt: skip
_MADE = {
    "NONE": lambda: None, "NEWTRUE": lambda: True, "NEWFALSE": lambda: False,
    "EMPTY_TUPLE": tuple, "EMPTY_LIST": list, "EMPTY_DICT": dict,
}  # fmt: skip
_GATHERED = {
    "TUPLE": lambda stack, items, tables: stack.append(tuple(items)),
    "LIST": lambda stack, items, tables: stack.append(items),
    "APPENDS": _extend,
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
    "TUPLE1": lambda stack, _, tables: stack.append(tuple(_take(stack, 1))),
    "TUPLE2": lambda stack, _, tables: stack.append(tuple(_take(stack, 2))),
    "TUPLE3": lambda stack, _, tables: stack.append(tuple(_take(stack, 3))),
    "APPEND": lambda stack, _, tables: _extend(stack, [stack.pop()], tables),
    "SETITEM": lambda stack, _, tables: _set_items(stack, _take(stack, 2), tables),
}
_CALLS = {
    "collections.OrderedDict",
    "torch._utils._rebuild_tensor",
    "torch._utils._rebuild_tensor_v2",
    "torch._utils._rebuild_parameter",
}

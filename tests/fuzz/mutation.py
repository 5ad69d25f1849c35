"""Mutate valid files: bytes, lines, and values inside JSON. Deterministic for a seed."""

import copy
import json
import random
from typing import Any

INTERESTING = (
    b"\x00", b"\xff", b"\xff\xfe", b"\xed\xa0\x80", b"\xc0\x80", b"\r", b"\n\n", b"\t", b'"', b"\\",
    b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\xff" * 8, b"\x00" * 8, b"9" * 5_000, b"[" * 6_000,
    b"<doc ", b"</doc>", b"-DOCSTART-", "\u200b".encode(), "가".encode() * 3_000, b"." * 3_000,
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 1 << 31, 1 << 63, 10**30, -0.5, 1e308, float("nan"), "", "가",
    "\ud800", "../../x", "a\x00b", "x" * 10_000, [], {}, [[]], {"": 0}, [0] * 50,
)  # fmt: skip
LARGEST = 1 << 20


def mutate(seeds: list[bytes], seed: int) -> bytes:
    """Return a mutated copy of one of the seeds.

    Args:
        seeds: Valid contents of a file.
        seed: Number that decides everything.
    """
    draw = random.Random(seed)
    data = draw.choice(seeds)
    for _ in range(draw.choice((1, 1, 1, 2, 4, 16))):
        change = draw.choice((_flip, _insert, _delete, _repeat, _cut, _splice, _value, _value))
        data = change(data, seeds, draw)[:LARGEST]
    return data


def _place(data: bytes, draw: random.Random) -> int:
    return draw.randrange(len(data) + 1)


def _flip(data: bytes, seeds: list[bytes], draw: random.Random) -> bytes:
    if not data:
        return data
    changed = bytearray(data)
    changed[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def _insert(data: bytes, seeds: list[bytes], draw: random.Random) -> bytes:
    at = _place(data, draw)
    over = draw.choice((0, 0, 1, 4))
    return data[:at] + draw.choice(INTERESTING) + data[at + over :]


def _delete(data: bytes, seeds: list[bytes], draw: random.Random) -> bytes:
    at = _place(data, draw)
    return data[:at] + data[at + draw.choice((1, 2, 8, 64, 1000)) :]


def _repeat(data: bytes, seeds: list[bytes], draw: random.Random) -> bytes:
    at, length = _place(data, draw), draw.choice((1, 4, 50, 500))
    return data[:at] + data[at : at + length] * draw.choice((2, 3, 40)) + data[at + length :]


def _cut(data: bytes, seeds: list[bytes], draw: random.Random) -> bytes:
    return data[: _place(data, draw)]


def _splice(data: bytes, seeds: list[bytes], draw: random.Random) -> bytes:
    other = draw.choice(seeds)
    return data[: _place(data, draw)] + other[_place(other, draw) :]


def _value(data: bytes, seeds: list[bytes], draw: random.Random) -> bytes:
    """Replace or remove a value of a JSON file, or of one of its lines; else insert bytes."""
    try:
        return _dump(_changed(json.loads(data), draw))
    except (ValueError, RecursionError):
        pass
    lines = data.split(b"\n")
    at = draw.randrange(len(lines))
    try:
        lines[at] = _dump(_changed(json.loads(lines[at]), draw))
    except (ValueError, RecursionError):
        return _insert(data, seeds, draw)
    return b"\n".join(lines)


def _dump(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _changed(value: Any, draw: random.Random) -> Any:
    value = copy.deepcopy(value)
    parent, key = None, None
    at = value
    while isinstance(at, dict | list) and at and (parent is None or draw.random() < 0.8):
        parent = at
        key = draw.choice(list(at)) if isinstance(at, dict) else draw.randrange(len(at))
        at = at[key]
    if parent is None:
        return draw.choice(VALUES)
    if draw.random() < 0.2:
        del parent[key]
    else:
        parent[key] = draw.choice((*VALUES, at, [at], {"x": at}))
    return value

"""Texts as arrays of code points, whose classes are looked up in tables.

A regular expression takes about 15 ns for each character of Korean text, a table 2 ns.
"""

import functools
from collections.abc import Callable

import numpy as np

# Separates documents that go through a rule together. Text that was read as UTF-8 or JSON holds no
# surrogate, so the mark is unambiguous.
MARK = "\ud800"


@functools.lru_cache(maxsize=1)  # most rules leave a text as it is for the next one
def as_array(text: str) -> np.ndarray:
    """Return the code points of a text, uint32 `[characters]`, read-only.

    Example:
        >>> as_array("가a").tolist()
        [44032, 97]
    """
    # NumPy copies code points; a codec handles each mark as an error.
    array = np.array([text]).view(np.uint32)[: len(text)]
    array.flags.writeable = False
    return array


def as_text(array: np.ndarray) -> str:
    """Return the text of code points.

    Example:
        >>> as_text(as_array("가a"))
        '가a'
    """
    if not len(array) or not array[-1]:  # NumPy takes NULs at the end for padding
        return array.tobytes().decode("utf-32-le", "surrogatepass")
    return np.ascontiguousarray(array).view(f"<U{len(array)}").item()


def without(text: str, table: np.ndarray) -> str:
    """Return the text without the characters that a table marks.

    Example:
        >>> from kortf.text.unicode.tables import table
        >>> without("가a나", table("a-z"))
        '가나'
    """
    array = as_array(text)
    found = table[array]
    return as_text(array[~found]) if found.any() else text


def replace_runs(text: str, table: np.ndarray, least: int, change: Callable[[str], str]) -> str:
    """Return the text with each longest run of marked characters changed.

    Args:
        text: Text.
        table: Marks the characters, bool `[0x110000]`.
        least: Characters that a run must have.
        change: Function from a run to what replaces it.

    Example:
        >>> from kortf.text.unicode.tables import table
        >>> replace_runs("가ab나a", table("a-z"), 2, str.upper)
        '가AB나a'
    """
    places = np.flatnonzero(table[as_array(text)])
    if not len(places):
        return text
    breaks = np.flatnonzero(np.diff(places) > 1)
    starts = places[np.concatenate([[0], breaks + 1])]
    ends = places[np.concatenate([breaks, [-1]])] + 1
    long = ends - starts >= least
    parts, done = [], 0
    for start, end in zip(starts[long].tolist(), ends[long].tolist(), strict=True):
        parts += (text[done:start], change(text[start:end]))
        done = end
    return "".join([*parts, text[done:]])


def counts(documents: list[str], *tables: np.ndarray) -> list[np.ndarray]:
    """Return how many characters of each document each table marks, int64 `[documents]` each.

    Example:
        >>> from kortf.text.unicode.tables import table
        >>> [count.tolist() for count in counts(["가a", "나나"], table("가-나"))]
        [[1, 2]]
    """
    return [_joined(tuple(documents)).count(table) for table in tables]


class _Joined:
    """Documents in one array, and the counts in them so far."""

    def __init__(self, documents: tuple[str, ...]):
        # A mark ends each, the last one too: so no document is without characters.
        self._array = as_array(MARK.join([*documents, ""]))
        # [documents]: first character of each
        self._starts = np.cumsum([0, *(len(document) + 1 for document in documents[:-1])])
        self._counts: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    def count(self, table: np.ndarray) -> np.ndarray:
        """Return how many characters of each document a table marks."""
        if id(table) not in self._counts:
            found = np.add.reduceat(table[self._array], self._starts, dtype=np.int64)
            self._counts[id(table)] = table, found  # the table too, so that its id stays taken
        return self._counts[id(table)][1]


@functools.lru_cache(maxsize=1)  # several filters count in the same documents
def _joined(documents: tuple[str, ...]) -> _Joined:
    return _Joined(documents)

"""Texts as arrays of code points, whose classes are looked up in tables.

A regular expression takes about 15 ns for each character of Korean text, a table 2 ns.
"""

import functools
import unicodedata

import numpy as np

from kortf.text.unicode.normalize import python_class

# Separates documents that go through a rule together. Text that was read as UTF-8 or JSON holds no
# surrogate, so the mark is unambiguous.
MARK = "\ud800"
_HIGHEST = 0x110000
_ENCODING = "utf-32-le"


@functools.lru_cache(maxsize=1)  # most rules leave a text as it is for the next one
def as_array(text: str) -> np.ndarray:
    """Return the code points of a text, uint32 `[characters]`, read-only.

    Example:
        >>> as_array("가a").tolist()
        [44032, 97]
    """
    return np.frombuffer(text.encode(_ENCODING, "surrogatepass"), np.uint32)


def as_text(array: np.ndarray) -> str:
    """Return the text of code points.

    Example:
        >>> as_text(as_array("가a"))
        '가a'
    """
    return array.tobytes().decode(_ENCODING, "surrogatepass")


def without(text: str, table: np.ndarray) -> str:
    """Return the text without the characters that a table marks.

    Example:
        >>> without("가a나", table("a-z"))
        '가나'
    """
    array = as_array(text)
    found = table[array]
    return as_text(array[~found]) if found.any() else text


def counts(documents: list[str], *tables: np.ndarray) -> list[np.ndarray]:
    """Return how many characters of each document each table marks, int64 `[documents]` each.

    Example:
        >>> [count.tolist() for count in counts(["가a", "나나"], table("가-나"))]
        [[1, 2]]
    """
    # A mark ends each, the last one too: so no document is without characters.
    array = as_array(MARK.join([*documents, ""]))
    # [documents]: first character of each
    starts = np.cumsum([0, *(len(document) + 1 for document in documents[:-1])])
    return [np.add.reduceat(table[array], starts, dtype=np.int64) for table in tables]


@functools.cache
def table(pattern: str) -> np.ndarray:
    r"""Return whether each code point is of a class, bool `[0x110000]`.

    Args:
        pattern: Inside of a bracket expression, as in `kortf.text.unicode.code_points`.

    Example:
        >>> table("가-나")[as_array("가a")].tolist()
        [True, False]
    """
    found = np.zeros(_HIGHEST, bool)
    for match in python_class(pattern).finditer(_every()):
        found[match.start()] = True
    return found


def category(letter: str) -> np.ndarray:
    """Return whether the category of each code point begins with a letter, bool `[0x110000]`.

    Example:
        >>> category("L")[as_array("가1 a")].tolist()
        [True, False, False, True]
    """
    return _first_letters() == ord(letter)


@functools.cache
def _first_letters() -> np.ndarray:
    names = "".join(map(unicodedata.category, _every()))  # two letters each
    return np.frombuffer(names.encode(), np.uint8)[::2]


def _every() -> str:
    return as_text(np.arange(_HIGHEST, dtype=np.uint32))

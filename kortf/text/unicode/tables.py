"""Tables of all code points, in which the classes of a whole text are looked up at a time."""

import functools
import re
import unicodedata

import numpy as np

from kortf.text.unicode import code_points
from kortf.text.unicode.normalize import python_class

_HIGHEST = 0x110000


@functools.cache
def table(pattern: str) -> np.ndarray:
    r"""Return whether each code point is of a class, bool `[0x110000]`.

    Args:
        pattern: Inside of a bracket expression, as in `kortf.text.unicode.code_points`.

    Example:
        >>> table("가-나")[[ord("가"), ord("a")]].tolist()
        [True, False]
    """
    found = np.zeros(_HIGHEST, bool)
    for run in re.finditer(python_class(pattern).pattern + "+", _every()):
        found[run.start() : run.end()] = True
    return found


@functools.cache
def category(letter: str) -> np.ndarray:
    """Return whether the category of each code point begins with a letter, bool `[0x110000]`.

    Example:
        >>> category("L")[[ord(c) for c in "가1 a"]].tolist()
        [True, False, False, True]
    """
    return _first_letters() == ord(letter)


@functools.cache
def single() -> np.ndarray:
    """Return whether WordPiece splits each code point off: `normalize.is_single` of all of them."""
    # Not by a pattern: Python has no class of punctuation.
    found = category("P") | table(code_points.HANJA + code_points.SINGLE_FOR_RUST)
    found[:0x80] = table(r"!-/:-@\[-`{-~")[:0x80]
    for first, last in code_points.SPLIT_ONLY_BY_TENSORFLOW:
        found[first : last + 1] = False
    return found


@functools.cache
def _first_letters() -> np.ndarray:
    found = np.full(_HIGHEST, ord("C"), np.uint8)  # unassigned, and for private use
    for first, last in ((0, 0x3FFFF), (0xE0000, 0xE0FFF)):
        names = "".join(map(unicodedata.category, _every()[first : last + 1]))  # two letters each
        found[first : last + 1] = np.frombuffer(names.encode(), np.uint8)[::2]
    return found


@functools.cache
def _every() -> str:
    return "".join(map(chr, range(_HIGHEST)))

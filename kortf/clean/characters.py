"""A text as an array of code points: classes of characters are looked up, not searched for.

A regular expression takes some 15 ns for each character of Korean text, a table 2 ns, and there
are a dozen rules.
"""

import functools
import unicodedata

import numpy as np

from kortf.text.unicode.normalize import python_class

# Stands between documents where many go through a rule at once. No text that was read as UTF-8 or
# JSON holds half a surrogate pair, so nothing can be taken for it.
MARK = "\ud800"
_HIGHEST = 0x110000
_ENCODING = "utf-32-le"


@functools.lru_cache(maxsize=1)  # most rules leave a text as it is for the next one
def as_array(text: str) -> np.ndarray:
    """Code points of a text, uint32 `[characters]`, which cannot be written to.

    Example:
        >>> as_array("가a").tolist()
        [44032, 97]
    """
    return np.frombuffer(text.encode(_ENCODING, "surrogatepass"), np.uint32)


def as_text(array: np.ndarray) -> str:
    """The text of code points.

    Example:
        >>> as_text(as_array("가a"))
        '가a'
    """
    return array.tobytes().decode(_ENCODING, "surrogatepass")


@functools.cache
def table(pattern: str) -> np.ndarray:
    r"""Whether each code point is of a class, bool `[0x110000]`.

    Args:
        pattern: the inside of a bracket expression, as in `kortf.text.unicode.code_points`.

    Example:
        >>> table("가-나")[as_array("가a")].tolist()
        [True, False]
    """
    found = np.zeros(_HIGHEST, bool)
    for match in python_class(pattern).finditer(_every()):
        found[match.start()] = True
    return found


def category(letter: str) -> np.ndarray:
    """Whether the name of each code point's category begins with a letter, bool `[0x110000]`.

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

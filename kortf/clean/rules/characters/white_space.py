"""Replace every white space by a plain space, and runs of them by a single one."""

import re

import numpy as np

from kortf.clean import characters
from kortf.clean.rule import Example, Setting, TextRule
from kortf.text.unicode import code_points

_RUN = re.compile("  +")
_EDGES = (" \n", "\n ", f" {characters.MARK}", f"{characters.MARK} ")
_EDGE = re.compile(f" ?([\n{characters.MARK}]) ?")


class WhiteSpace(TextRule):
    """Replaces tabs, wide and no-break spaces by a space; runs become one, and none leads a line.

    Example:
        >>> WhiteSpace().apply(" 봄이\\t 왔다.\\u3000 \\n꽃")
        '봄이 왔다.\\n꽃'
    """

    name = "white_space"
    place = 190
    settings = (Setting("white_space", True, "every white space is a space, several are one"),)
    example = Example({}, "봄이\t 왔다.\u3000\n꽃이  핀다.", "봄이 왔다.\n꽃이 핀다.")

    def __init__(self):
        other = characters.table(code_points.SPACES).copy()
        other[[ord(" "), ord("\n")]] = False
        self._other = other

    def apply(self, text: str) -> str:
        """See `TextRule`."""
        array = characters.as_array(text)
        other = self._other[array]
        if other.any():
            text = characters.as_text(np.where(other, np.uint32(ord(" ")), array))
        if "  " in text:
            text = _RUN.sub(" ", text)
        if any(edge in text for edge in _EDGES):
            text = _EDGE.sub(r"\1", text)
        return text.strip(" ")

"""Makes every white space a plain one, and several in a row a single one."""

import re

import numpy as np

from kortf.clean import characters
from kortf.clean.rule import TextRule
from kortf.text.unicode import code_points

_RUN = re.compile("  +")
_EDGES = (" \n", "\n ", f" {characters.MARK}", f"{characters.MARK} ")
_EDGE = re.compile(f" ?([\n{characters.MARK}]) ?")


class WhiteSpace(TextRule):
    """Tabs, wide and no-break spaces become a space; runs become one, and lines begin with none.

    Example:
        >>> WhiteSpace().apply(" 봄이\\t 왔다.\\u3000 \\n꽃")
        '봄이 왔다.\\n꽃'
    """

    name = "white_space"

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

"""Replace every white space by a plain space, and runs of them by a single one."""

import numpy as np

from kortf.clean import characters
from kortf.clean.rule import Example, Setting, TextRule
from kortf.text.unicode import code_points, tables

_SPACE, _END = 1, 2  # kinds of characters


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
        kinds = np.where(tables.table(code_points.SPACES), _SPACE, 0).astype(np.uint8)
        kinds[[ord(end) for end in ("\n", characters.MARK)]] = _END
        self._kinds = kinds

    def apply(self, text: str) -> str:
        """See `TextRule`."""
        array = characters.as_array(text)
        kinds = self._kinds[array]
        spaces = kinds == _SPACE
        ends = np.concatenate([[True], kinds == _END, [True]])  # of lines, also around the text
        surplus = spaces & (ends[:-2] | ends[2:])
        surplus[1:] |= spaces[1:] & spaces[:-1]
        other = spaces & (array != ord(" "))
        if not surplus.any() and not other.any():
            return text
        array = np.where(other, np.uint32(ord(" ")), array)
        keep = ~(spaces & np.concatenate([[True], spaces[:-1] | ends[1:-2]]))
        array, kinds = array[keep], kinds[keep]
        # One space is left of each run, perhaps before the end of a line.
        before = np.concatenate([kinds[1:] == _END, [True]])
        return characters.as_text(array[~((kinds == _SPACE) & before)])

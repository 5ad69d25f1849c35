"""Shorten runs of one character: laughter, weeping, rules of dashes."""

import numpy as np

from kortf.clean import characters
from kortf.clean.rule import Example, Setting, TextRule, at_least
from kortf.text.unicode import tables


class Repeats(TextRule):
    """Cuts runs of one character to a length. Runs of digits stay.

    Args:
        most: Longest run; at least 1.

    Example:
        >>> Repeats(3).apply("ㅋㅋㅋㅋㅋㅋ 100000원!!!!!")
        'ㅋㅋㅋ 100000원!!!'
    """

    name = "repeats"
    place = 160
    settings = (
        Setting("repeats", 5, "longest run of one character; digits stay; 0 is any", at_least(0)),
    )
    example = Example({"repeats": 3}, "ㅋㅋㅋㅋㅋㅋ 100000원!!!!!", "ㅋㅋㅋ 100000원!!!")

    def __init__(self, most: int):
        self._most = most
        exempt = tables.category("N").copy()
        exempt[[ord("\n"), ord(characters.MARK)]] = True
        self._exempt = exempt

    def apply(self, text: str) -> str:
        """See `TextRule`."""
        most = self._most
        if len(text) <= most:
            return text
        array = characters.as_array(text)
        same = array[1:] == array[:-1]
        # Character i is one too many if each of the `most` pairs that end at it is of equals.
        surplus = ~self._exempt[array[most:]]
        for back in range(most):
            if not surplus.any():
                return text
            surplus &= same[most - 1 - back : len(same) - back]
        if not surplus.any():
            return text
        keep = np.ones(len(array), bool)
        keep[most:] = ~surplus
        return characters.as_text(array[keep])

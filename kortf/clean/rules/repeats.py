"""Shortens laughter, weeping and rules of dashes."""

import numpy as np

from kortf.clean import characters
from kortf.clean.rule import TextRule


class Repeats(TextRule):
    """A character that stands many times in a row stands at most so often. Digits stay.

    Args:
        most: times; at least 1.

    Example:
        >>> Repeats(3).apply("ㅋㅋㅋㅋㅋㅋ 100000원!!!!!")
        'ㅋㅋㅋ 100000원!!!'
    """

    name = "repeats"

    def __init__(self, most: int):
        self._most = most
        exempt = characters.category("N")
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
            surplus &= same[most - 1 - back : len(same) - back]
        if not surplus.any():
            return text
        keep = np.ones(len(array), bool)
        keep[most:] = ~surplus
        return characters.as_text(array[keep])

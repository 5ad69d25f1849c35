"""Shorten phrases that are repeated in a row."""

import numpy as np

from kortf.clean import characters
from kortf.clean.rule import Example, Setting, TextRule, at_least

_LONGEST = 20


class RepeatedPhrases(TextRule):
    """Cuts repetitions of a phrase of 2 to 20 characters to a number of times.

    The start of one more repetition stays, and so do phrases with digits.

    Args:
        most: Times that a phrase may stand in a row; at least 1.

    Example:
        >>> RepeatedPhrases(2).apply("대박 대박 대박 대박 대박! 1212121212")
        '대박 대박 대박! 1212121212'
    """

    name = "repeated_phrases"
    place = 165
    settings = (
        Setting(
            "web.phrases",
            0,
            "times that a phrase of 2 to 20 characters may stand in a row; 0 is any",
            at_least(0),
        ),
    )
    example = Example({"web.phrases": 2}, "대박 대박 대박 대박 대박!", "대박 대박 대박!")

    def __init__(self, most: int):
        self._most = most
        barred = characters.category("N")
        barred[[ord("\n"), ord(characters.MARK)]] = True
        self._barred = barred

    def apply(self, text: str) -> str:
        """See `TextRule`."""
        array = characters.as_array(text)
        for period in range(2, _LONGEST + 1):
            if _may_repeat(array, period, self._most):
                array = self._cut(array, period)
        return characters.as_text(array)

    def _cut(self, array: np.ndarray, period: int) -> np.ndarray:
        same = (array[period:] == array[:-period]) & ~self._barred[array[period:]]
        # [runs]: starts and ends of runs of equal pairs
        edges = np.flatnonzero(np.diff(same, prepend=False, append=False))
        starts, ends = edges[::2], edges[1::2]
        long = ends - starts >= self._most * period
        if not long.any():
            return array
        keep = np.ones(len(array), bool)
        for start, end in zip(starts[long].tolist(), ends[long].tolist(), strict=True):
            surplus = (end - start + period) // period - self._most
            first = start + self._most * period
            keep[first : first + surplus * period] = False
        return array[keep]


def _may_repeat(array: np.ndarray, period: int, most: int) -> bool:
    """Return whether a run of `most * period` pairs with this distance may be equal.

    Such a run holds two neighbours among every `step`-th pair. Where these are equal, all pairs
    around them are looked at.
    """
    length = most * period
    step = length // 2
    pairs = len(array) - period
    if pairs < length:
        return False
    equal = array[period::step] == array[:pairs:step]
    found = np.flatnonzero(equal[1:] & equal[:-1]) * step
    for further in (1, step - 1, step // 2):  # most differ in one of these
        found = found[array[found + further] == array[found + further + period]]
    return len(found) > 0

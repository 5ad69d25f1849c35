"""Shorten phrases that are repeated in a row."""

from collections.abc import Iterator

import numpy as np

from kortf.clean import characters
from kortf.clean.rule import Example, Setting, TextRule, at_least
from kortf.text.unicode import tables

_LONGEST = 20
_FEW = 100  # places whose surroundings are looked at one by one
_WIDTH = 64  # pairs that are compared at once, at first


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
        barred = tables.category("N").copy()
        barred[[ord("\n"), ord(characters.MARK)]] = True
        self._barred = barred

    def apply(self, text: str) -> str:
        """See `TextRule`."""
        array = characters.as_array(text)
        for period in range(2, _LONGEST + 1):
            found = _candidates(array, period, self._most)
            if len(found):
                array = self._cut(array, period, found)
        return characters.as_text(array)

    def _cut(self, array: np.ndarray, period: int, found: np.ndarray) -> np.ndarray:
        runs = self._few if len(found) <= _FEW else self._all
        keep = None
        for start, end in runs(array, period, found):
            if end - start >= self._most * period:
                keep = np.ones(len(array), bool) if keep is None else keep
                surplus = (end - start + period) // period - self._most
                first = start + self._most * period
                keep[first : first + surplus * period] = False
        return array if keep is None else array[keep]

    def _all(self, array: np.ndarray, period: int, found: np.ndarray) -> Iterator[tuple[int, int]]:
        """Yield all runs of equal pairs with this distance."""
        del found
        same = (array[period:] == array[:-period]) & ~self._barred[array[period:]]
        edges = np.flatnonzero(np.diff(same, prepend=False, append=False))
        yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)

    def _few(self, array: np.ndarray, period: int, found: np.ndarray) -> Iterator[tuple[int, int]]:
        """Yield the runs around some pairs."""
        done = 0
        for place in found.tolist():
            if place >= done:
                start, end = self._run(array, period, place)
                done = max(end, place)
                yield start, end

    def _run(self, array: np.ndarray, period: int, place: int) -> tuple[int, int]:
        """Return the longest run of equal pairs with this distance around a pair, perhaps empty."""

        def first_other(start: int, stop: int, step: int) -> int:
            """Return the place of the first pair that is not equal, `stop` if all are."""
            width = _WIDTH
            while start != stop:
                end = min(start + width, stop) if step > 0 else max(start - width, stop)
                low, high = (start, end) if step > 0 else (end + 1, start + 1)
                later = array[low + period : high + period]
                others = np.flatnonzero((later != array[low:high]) | self._barred[later])
                if len(others):
                    return low + int(others[0] if step > 0 else others[-1])
                start, width = end, 2 * width
            return stop

        return (
            first_other(place, -1, -1) + 1,
            first_other(place, len(array) - period, 1),
        )


def _candidates(array: np.ndarray, period: int, most: int) -> np.ndarray:
    """Return places of pairs with this distance, one at least in each run of `most * period`.

    Such a run holds two neighbours among every `step`-th pair. Where these are equal, all pairs
    around them are looked at.
    """
    length = most * period
    step = length // 2
    pairs = len(array) - period
    if pairs < length:
        return np.zeros(0, np.int64)
    equal = array[period::step] == array[:pairs:step]
    found = np.flatnonzero(equal[1:] & equal[:-1]) * step
    for further in (1, step - 1, step // 2):  # most differ in one of these
        found = found[array[found + further] == array[found + further + period]]
    return found

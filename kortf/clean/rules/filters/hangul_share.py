"""Drop documents that are not in Korean."""

import numpy as np

from kortf.clean import characters
from kortf.clean.rule import Example, Filter, Setting, between
from kortf.text.unicode import tables

# Syllables and jamo of all kinds: modern, old, compatibility, half-width.
HANGUL = (
    r"\x{1100}-\x{11ff}\x{3131}-\x{318e}\x{a960}-\x{a97c}\x{ac00}-\x{d7a3}\x{d7b0}-\x{d7fb}"
    r"\x{ffa0}-\x{ffdc}"
)


class HangulShare(Filter):
    """Drops documents of whose letters too few are Hangul, and those without letters.

    Args:
        share: Least share of Hangul among the letters of a document, 0 to 1.

    Example:
        >>> HangulShare(0.5).drops(["서울 Seoul", "한국어로 쓴 글, OK", "3.14"])
        [True, False, True]
    """

    name = "language"
    place = 510
    settings = (
        Setting(
            "hangul_share",
            0.3,
            "documents of whose letters a smaller share is Hangul go",
            between(0, 1),
        ),
    )
    example = Example({"hangul_share": 0.5}, "서울 Seoul", "")

    def __init__(self, share: float):
        self._share = share
        self._hangul = tables.table(HANGUL)
        self._letters = tables.category("L")

    def drops(self, documents: list[str]) -> list[bool]:
        """See `Filter`."""
        if not documents:
            return []
        hangul, letters = characters.counts(documents, self._hangul, self._letters)
        return (hangul < self._share * np.maximum(letters, 1)).tolist()

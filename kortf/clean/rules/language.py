"""Drops documents that are not in Korean."""

import numpy as np

from kortf.clean import characters
from kortf.clean.rule import Filter

# Syllables and jamo of all kinds: modern, old, compatibility, half-width.
_HANGUL = (
    r"\x{1100}-\x{11ff}\x{3131}-\x{318e}\x{a960}-\x{a97c}\x{ac00}-\x{d7a3}\x{d7b0}-\x{d7fb}"
    r"\x{ffa0}-\x{ffdc}"
)


class Language(Filter):
    """Drops documents of whose letters too few are Hangul; one without any letter goes too.

    Args:
        share: of Hangul among letters, 0 to 1, that a document must have.

    Example:
        >>> Language(0.5).drops(["서울 Seoul", "한국어로 쓴 글, OK", "3.14"])
        [True, False, True]
    """

    name = "language"

    def __init__(self, share: float):
        self._share = share
        self._hangul = characters.table(_HANGUL)
        self._letters = characters.category("L")

    def drops(self, documents: list[str]) -> list[bool]:
        """See `Filter`."""
        if not documents:
            return []
        # A mark stands behind each, the last one too: so none has no character at all.
        array = characters.as_array(characters.MARK.join([*documents, ""]))
        # [documents]: where each begins
        starts = np.cumsum([0, *(len(document) + 1 for document in documents[:-1])])
        hangul = np.add.reduceat(self._hangul[array], starts, dtype=np.int64)
        letters = np.add.reduceat(self._letters[array], starts, dtype=np.int64)
        return (hangul < self._share * np.maximum(letters, 1)).tolist()

"""Removes characters of a class: controls and what else nobody sees, Hanja, emoji."""

from kortf.clean import characters
from kortf.clean.rule import TextRule
from kortf.text.unicode import code_points, removal

# Letters and marks that show nothing: fillers of Hangul and Khmer, the grapheme joiner, free
# variation selectors, tags and code points that are reserved for such. Variation selectors stay
# with the character that they select.
_FILLERS = (
    r"\x{34f}\x{115f}-\x{1160}\x{17b4}-\x{17b5}\x{180b}-\x{180f}\x{2065}\x{3164}\x{ffa0}"
    r"\x{fff0}-\x{fff8}\x{e0000}-\x{e00ff}\x{e01f0}-\x{e0fff}"
)
CLASSES = {"control": code_points.REMOVED + _FILLERS, **removal.KINDS}


class RemoveCharacters(TextRule):
    """Removes all characters of a class; nothing is put in their place.

    Args:
        kind: `control` (control, format and private use characters, U+FFFD, and fillers, which
            show nothing), `hanja` or `emoji` (see `kortf.text.unicode.removal`). Also the
            name of the rule.

    Example:
        >>> RemoveCharacters("hanja").apply("대한민국(大韓民國) 만세😀")
        '대한민국() 만세😀'
    """

    def __init__(self, kind: str):
        self.name = kind
        self._table = characters.table(CLASSES[kind])

    def apply(self, text: str) -> str:
        """See `TextRule`."""
        array = characters.as_array(text)
        found = self._table[array]
        return characters.as_text(array[~found]) if found.any() else text

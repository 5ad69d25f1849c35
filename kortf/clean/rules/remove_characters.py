"""Removes characters of a class: controls and what else nobody sees, Hanja, emoji."""

from kortf.clean import characters
from kortf.clean.rule import TextRule
from kortf.text.unicode import code_points, removal

CLASSES = {"control": code_points.REMOVED, **removal.KINDS}


class RemoveCharacters(TextRule):
    """Removes all characters of a class; nothing is put in their place.

    Args:
        kind: `control` (control, format and private use characters, U+FFFD: what no tokenizer of
            ours ever sees), `hanja` or `emoji` (see `kortf.text.unicode.removal`). Also the
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

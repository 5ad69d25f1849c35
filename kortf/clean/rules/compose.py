"""Composes characters: decomposed Hangul, as macOS writes it, becomes what everyone types."""

import unicodedata

from kortf.clean.rule import TextRule


class Compose(TextRule):
    """Unicode's form NFC.

    Example: the three jamo `\\u1100\\u1161\\u11a8` become `각`; `ㅋㅋ` stays.
    """

    name = "compose"

    def apply(self, text: str) -> str:
        """See `TextRule`."""
        return unicodedata.normalize("NFC", text)

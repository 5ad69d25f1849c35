"""Compose characters: decomposed Hangul, as macOS writes it, becomes syllables."""

import unicodedata

from kortf.clean.rule import Example, Setting, TextRule


class Compose(TextRule):
    """Composes characters (NFC). Compatibility jamo such as ㅋㅋ stay.

    Example:
        >>> Compose().apply("\\u1100\\u1161\\u11a8ㅋㅋ")
        '각ㅋㅋ'
    """

    name = "compose"
    place = 50
    settings = (Setting("compose", True, "NFC: decomposed Hangul becomes composed"),)
    example = Example({}, "\u1100\u1161\u11a8하", "각하")

    def apply(self, text: str) -> str:
        """See `TextRule`."""
        return unicodedata.normalize("NFC", text)

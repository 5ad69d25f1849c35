"""Replace full-width letters and other compatibility forms by usual ones."""

import re
import unicodedata

from kortf.clean.rule import Example, Setting, TextRule

# Full-width ASCII and signs, half-width Katakana, Latin ligatures, mathematical letters. Jamo of
# all kinds, units (㎏) and circled numbers stay.
_FORMS = re.compile(
    "[\uff01-\uff5e\uff61-\uff9f\uffe0-\uffe2\uffe4-\uffe6\ufb00-\ufb06\U0001d400-\U0001d7ff]+"
)


class Width(TextRule):
    """Applies NFKC to chosen blocks of characters, never to jamo.

    Example:
        >>> Width().apply("ＡＢＣ１２３！ ㅋㅋ ﾡ ㎏")
        'ABC123! ㅋㅋ ﾡ ㎏'
    """

    name = "width"
    place = 40
    settings = (Setting("web.width", False, "full-width letters become usual ones, never jamo"),)
    example = Example({"web.width": True}, "ＡＢＣ１２３！ㅋㅋ", "ABC123!ㅋㅋ")

    def apply(self, text: str) -> str:
        """See `TextRule`."""
        return _FORMS.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)

"""Replace full-width letters and other compatibility forms by usual ones."""

import unicodedata

from kortf.clean import characters
from kortf.clean.rule import Example, Setting, TextRule
from kortf.text.unicode import tables

# Full-width ASCII and signs, half-width Katakana, Latin ligatures, mathematical letters. Jamo of
# all kinds, units (㎏) and circled numbers stay.
_FORMS = "\uff01-\uff5e\uff61-\uff9f\uffe0-\uffe2\uffe4-\uffe6\ufb00-\ufb06\U0001d400-\U0001d7ff"


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
        return characters.replace_runs(text, tables.table(_FORMS), 1, _nfkc)


def _nfkc(run: str) -> str:
    return unicodedata.normalize("NFKC", run)

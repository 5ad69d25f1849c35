"""Remove characters that show nothing."""

from kortf.clean import characters
from kortf.clean.rule import Example, Setting, TextRule
from kortf.text.unicode import code_points, tables

# Letters and marks that show nothing: fillers of Hangul and Khmer, the grapheme joiner, free
# variation selectors, tags and code points that are reserved for such. Variation selectors stay
# with the character that they select.
_FILLERS = (
    r"\x{34f}\x{115f}-\x{1160}\x{17b4}-\x{17b5}\x{180b}-\x{180f}\x{2065}\x{3164}\x{ffa0}"
    r"\x{fff0}-\x{fff8}\x{e0000}-\x{e00ff}\x{e01f0}-\x{e0fff}"
)


class Control(TextRule):
    """Removes control, format and private use characters, U+FFFD and fillers.

    Example:
        >>> Control().apply("사\\u200b랑\\u3164해")
        '사랑해'
    """

    name = "control"
    place = 20
    settings = (
        Setting("control", True, "control, format, private use and invisible characters go"),
    )
    example = Example({}, "사\u200b랑\u3164해", "사랑해")

    def __init__(self):
        self._table = tables.table(code_points.REMOVED + _FILLERS)

    def apply(self, text: str) -> str:
        """See `TextRule`."""
        return characters.without(text, self._table)

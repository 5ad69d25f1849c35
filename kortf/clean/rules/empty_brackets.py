"""Removes brackets in which nothing is left."""

import re

from kortf.clean.rule import TextRule

_OPEN, _CLOSE = r"[(\[「『《〈（【]", r"[)\]」』》〉）】]"
# f() and a[] in an article on C are whole as they are; (;;) and (..) are faces.
_EMPTY = re.compile(rf"{_OPEN}(?<![A-Za-z0-9_)\]][(\[])[ \t\u00a0\u3000,、]*{_CLOSE}")
_LEADING = re.compile(r"\( *,[ ,;]*(?=[^\s,;)])")
_TRAILING = re.compile(r",[ ,]*\)")
_DEEPEST = 3


class EmptyBrackets(TextRule):
    """Removes what a cut template or a removed Hanja leaves: `()`, `(, )`, `『』`, also nested.

    Commas that then lead or trail inside a bracket go as well.

    Example:
        >>> EmptyBrackets().apply("지미 카터(, 1924년)는 『』 미국( )의 f() 《[]》")
        '지미 카터(1924년)는  미국의 f() '
    """

    name = "empty_brackets"

    def apply(self, text: str) -> str:
        """See `TextRule`."""
        for _ in range(_DEEPEST):
            shorter = _EMPTY.sub("", text)
            if shorter == text:
                break
            text = shorter
        return _TRAILING.sub(")", _LEADING.sub("(", text))

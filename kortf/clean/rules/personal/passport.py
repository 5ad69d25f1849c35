"""Mask numbers of passports."""

import re

from kortf.clean.masking import MaskRule, Spans, placeholder, plain
from kortf.clean.rule import Example

_NUMBER = re.compile(
    r"[MSRODGmsrodg](?<![A-Za-z0-9].)(?:[\d*]{8}|\d{3}[A-Za-z][\d*]{4})(?![A-Za-z0-9*])"
)
_CUE = re.compile("여권|passport", re.IGNORECASE)
# The Latin word in a form for which `re` searches quickly; ſ is an s to it.
_LATIN_CUE = re.compile("[pP][aA][sS\u017f]{2}[pP]")
_CUE_CHARS = 30


class Passport(MaskRule):
    """Replaces passport numbers (M12345678, M123A4567) behind the word 여권 or "passport".

    The number alone has no check digit, so it needs the word within 30 characters before it.

    Args:
        placeholder: Text that replaces a number.

    Example:
        >>> Passport("[여권번호]").apply("여권번호: M12345678, 제품 S12345678")
        '여권번호: [여권번호], 제품 S12345678'
    """

    name = "passport"
    place = 128
    settings = (placeholder("private.passport", "", "passport numbers"),)
    example = Example({"private.passport": "[여권번호]"}, "여권 M12345678", "여권 [여권번호]")
    pattern = _NUMBER

    def spans(self, text: str) -> Spans:
        """Return the whole text if it holds one of the words."""
        spelled = plain(text)
        there = "여권" in spelled or _LATIN_CUE.search(spelled)
        return ((0, len(text)),) if there else ()

    def accepts(self, match: re.Match, previous: int) -> bool:
        """Look for the word before the number, and not before another number."""
        start = match.start()
        return _CUE.search(match.string, max(previous, start - _CUE_CHARS), start) is not None

"""Mask telephone numbers of people in Korea."""

import re

import numpy as np

from kortf.clean.masking import NumberRule, Spans, merged, placeholder
from kortf.clean.rule import Example

_DIGIT = r"[\d*xX]"
# Spaces of any width around up to five separators of any kind.
_GAP = r" {0,32}(?:[-.)(/~_:,;=|*'\"^#&!+<>\[\]{}]{1,5} {0,32})?"
_STRICT_GAP = r"(?: {0,32}[-.)/~_|]{1,5} {0,32}| {1,32})"
# Hangul that spells digits, which count behind 공일공 alone.
_SPELLED = "공영일이삼사오육륙칠팔구"
_PREFIXES = ("공일공", "영일영")
_PREFIX = re.compile("|".join(_PREFIXES))
_MOST_BEHIND_PREFIX = 2 * (32 + 5 + 32 + 4)
_PHONE = re.compile(
    # A class first: the search for a class is the fastest that `re` has.
    r"[+(08oO공영](?<!\d.)(?:"
    r"(?:(?<=0)|(?<=\()0"
    r"|(?<=\+) ?82\)?[-. ]{0,3}\(?0?\)?[-. ]{0,3}"
    r"|(?<=\()(?:\+ ?|00)82\)?[-. ]{0,3}\(?0?\)?[-. ]{0,3}"
    r"|(?<=0)082\)?[-. ]{0,3}\(?0?\)?[-. ]{0,3}"
    r"|(?<=8)2\)?[-. ]{0,3}\(?0?\)?[-. ]{0,3})"
    # Mobile: with gaps or without. Landlines, internet and personal numbers: only with gaps, or
    # every long number would be one.
    rf"(?:1[016789]{_GAP}{_DIGIT}{{3,4}}{_GAP}{_DIGIT}{{4}}"
    rf"|(?:2|3[1-3]|4[1-4]|5[1-5]|6[1-4]|70|50\d?)"
    rf"{_STRICT_GAP}{_DIGIT}{{3,4}}{_STRICT_GAP}{_DIGIT}{{4}})"
    # Zero as a letter or a word: "o1o", "공일공".
    rf"|(?<=[oO])1[oO]{_GAP}{_DIGIT}{{3,4}}{_GAP}{_DIGIT}{{4}}"
    rf"|(?:(?<=공)[일1]공|(?<=영)[일1]영)"
    rf"{_GAP}(?:{_DIGIT}|[{_SPELLED}]){{3,4}}{_GAP}(?:{_DIGIT}|[{_SPELLED}]){{4}})"
    # No more digits behind, except those of another mobile number.
    r"(?!\d)(?!-\d(?!1[016789]))"
)
# Between two numbers of a list, the first perhaps with a range of last digits.
_BETWEEN = re.compile(r"(?:[~/]\d{1,4})?[-,./~ ]*")


class Phone(NumberRule):
    """Replaces mobile, landline, internet and personal numbers.

    Numbers of businesses (1588-0000, 080) stay. A mobile number needs no gaps, the others do.
    Separators may be of any kind and width, digits may be masked already, and those behind 공일공
    may be Hangul.

    Args:
        placeholder: Text that replaces a number.

    Example:
        >>> Phone("[전화번호]").apply("010-1234-5678, (02) 345-6789, +82 10 1234 5678, 1588-1234")
        '[전화번호], [전화번호], [전화번호], 1588-1234'
    """

    name = "phone"
    place = 120
    settings = (placeholder("private.phone", "[전화번호]", "telephone numbers of people"),)
    example = Example({}, "전화는 010 - 1234 - 5678.", "전화는 [전화번호].")
    pattern = _PHONE

    def spans(self, text: str) -> Spans:
        """See `MaskRule`."""
        found = super().spans(text)
        if not any(prefix in text for prefix in _PREFIXES):
            return found
        spelled = _PREFIX.finditer(text)
        behind = [(match.start(), match.end() + _MOST_BEHIND_PREFIX) for match in spelled]
        starts, ends = np.array(sorted([*found, *behind]), np.int64).T
        return merged(starts, np.maximum.accumulate(ends), len(text))

    def accepts(self, match: re.Match, previous: int) -> bool:
        """Reject the end of a longer number, unless it follows another number of a list."""
        text, start = match.string, match.start()
        if start < 2 or text[start] in "+(" or not text[start - 2].isdigit():
            return True
        if previous and _BETWEEN.fullmatch(text, previous, start):
            return True
        before = text[start - 1]
        if before == ".":
            # "1.010-1234-5678" is an item of a list, "3.01012345678" and "1.010.1234" are not.
            return "-" in match.group() or " " in match.group()
        return before not in ",-"

    def kept(self, match: re.Match) -> int:
        """Keep the bracket of "(02-345-6789)", which is not part of the number."""
        return int(match.group().startswith("(") and ")" not in match.group())

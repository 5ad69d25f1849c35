"""Masks telephone numbers of people in Korea."""

import re

from kortf.clean.rules.mask_rule import MaskRule

_GAP = r"[ \u00a0]?[-–.·‧~)][ \u00a0]?|[ \u00a0]"
_PHONE = re.compile(
    # 0, (0, 82 or +82; a class first, since a search that begins so is the fastest.
    r"[+(08](?<![\d.,\-][+(08])"
    r"(?:(?<=0)|(?<=\()0|(?:(?<=\+) ?82|(?<=8)2) ?[-.)]? ?\(?0?\)?)"
    # Mobile: with gaps or without. Landlines, internet and personal numbers: only with gaps, or
    # every long number would be one.
    rf"(?:1[016789]\)?(?:{_GAP})?\d{{3,4}}(?:{_GAP})?\d{{4}}"
    rf"|(?:2|3[1-3]|4[1-4]|5[1-5]|6[1-4]|70|50\d?)(?:{_GAP})\d{{3,4}}(?:{_GAP})\d{{4}})"
    r"(?![\d\-])"
)


class Phone(MaskRule):
    """Puts a placeholder for mobile, landline, internet and personal numbers.

    Numbers of businesses (1588-0000, 080) stay. A mobile number needs no gaps, the others do.

    Args:
        placeholder: what stands there then.

    Example:
        >>> Phone("[전화번호]").apply("010-1234-5678, (02) 345-6789, +82 10 1234 5678, 1588-1234")
        '[전화번호], [전화번호], [전화번호], 1588-1234'
    """

    name = "phone"
    pattern = _PHONE

    def _mask(self, match: re.Match) -> str:
        # "(02) 345-6789" begins with a bracket of its own, "(02-345-6789)" does not.
        whole = match.group().startswith("(") and ")" not in match.group()
        return ("(" if whole else "") + self._placeholder

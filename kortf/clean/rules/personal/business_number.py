"""Mask registration numbers of businesses."""

import re

from kortf.clean.masking import NumberRule, placeholder
from kortf.clean.rule import Example

_NUMBER = re.compile(r"\d(?<!\d.)(?<!\d[-.,].)\d{2} {0,2}- {0,2}\d{2} {0,2}- {0,2}\d{5}(?!\d|-\d)")
_WEIGHTS = (1, 3, 7, 1, 3, 7, 1, 3, 5)


class BusinessNumber(NumberRule):
    """Replaces business registration numbers (123-45-67891) whose check digit is right.

    Args:
        placeholder: Text that replaces a number.

    Example:
        >>> BusinessNumber("[사업자번호]").apply("등록번호 123-45-67891, 123-45-67890")
        '등록번호 [사업자번호], 123-45-67890'
    """

    name = "business_number"
    place = 130
    settings = (placeholder("private.business_number", "", "business registration numbers"),)
    example = Example(
        {"private.business_number": "[사업자번호]"}, "번호 123-45-67891", "번호 [사업자번호]"
    )
    pattern = _NUMBER

    def accepts(self, match: re.Match, previous: int) -> bool:
        """Check the last digit."""
        digits = [int(char) for char in match.group() if char.isdigit()]
        total = sum(weight * digit for weight, digit in zip(_WEIGHTS, digits, strict=False))
        return (10 - (total + digits[8] * 5 // 10) % 10) % 10 == digits[9]

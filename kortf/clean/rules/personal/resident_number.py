"""Mask resident registration numbers."""

import calendar
import re

from kortf.clean.masking import NumberRule, placeholder
from kortf.clean.rule import Example

_NUMBER = re.compile(
    # A class first: the search is five times as fast as from a look-behind.
    r"(\d(?<!\d.)(?<!\d-.)\d{5})( {0,32}(?:[-~./_:|,*=+'\"^()]{1,5} {0,32})?)"
    r"(?:([0-9])([0-9]{6}|[0-9]{0,5}(?:\*{1,6}|[xX]{3,6}))|(\*{1,7}|[xX]{3,7}))(?![\d*]|-\d)"
)
# The digit behind the hyphen tells the century of birth; 5 to 8 are foreigners.
_CENTURY = (1800, 1900, 1900, 2000, 2000, 1900, 1900, 2000, 2000, 1800)
_LEAP_CENTURY = 2000
_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
_CUE = re.compile("주민|외국인|등록번호")
_CUE_CHARS = 20


class ResidentNumber(NumberRule):
    """Replaces numbers that are built like a resident registration number.

    The first six digits have to be a day of the century that the seventh tells. Without a hyphen
    the check digit has to be right as well, or a word such as 주민 stands before the number; with a
    hyphen it need not: since October 2020 there is none. Numbers whose last digits are masked
    already are replaced too.

    Args:
        placeholder: Text that replaces a number.

    Example:
        >>> ResidentNumber("[주민등록번호]").apply("800229-1234567, 810229-1234567, 900101-2******")
        '[주민등록번호], 810229-1234567, [주민등록번호]'
    """

    name = "resident_number"
    place = 110
    settings = (
        placeholder("private.resident_number", "[주민등록번호]", "resident registration numbers"),
    )
    example = Example({}, "번호 900101-1234567.", "번호 [주민등록번호].")
    pattern = _NUMBER

    def accepts(self, match: re.Match, previous: int) -> bool:
        """Check the day of birth and, where there is no hyphen, the check digit."""
        birth, gap, century, rest, masked = match.groups()
        if not _is_day(birth, _LEAP_CENTURY if masked else _CENTURY[int(century)]):
            return False
        if "-" in gap or "~" in gap:
            return True
        tail = masked or rest
        if not tail.isdigit():
            return bool(gap) or len(tail) >= 3
        start = match.start()
        return _checks(birth + century + rest) or (
            _CUE.search(match.string, max(0, start - _CUE_CHARS), start) is not None
        )


def _is_day(birth: str, century: int) -> bool:
    year, month, day = century + int(birth[:2]), int(birth[2:4]), int(birth[4:])
    return 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]


def _checks(digits: str) -> bool:
    """Return whether the last of 13 digits is the check digit of the others."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=False))
    return (11 - total % 11) % 10 == int(digits[-1])

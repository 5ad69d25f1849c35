"""Mask numbers of payment cards."""

import re

from kortf.clean.masking import NumberRule, placeholder
from kortf.clean.rule import Example

_GAP = r" {0,4}[-./]? {0,4}"
_CARD = re.compile(
    r"[2-69](?<!\d.)(?<!\d[-.,].)"
    rf"(?:[\d*xX]{{3}}(?:{_GAP}[\d*xX]{{4}}){{2}}{_GAP}\d{{4}}|\d{{3}}{_GAP}\d{{6}}{_GAP}\d{{5}})"
    r"(?![\d*]|[-.,]\d)"
)


class Card(NumberRule):
    """Replaces card numbers of 15 or 16 digits whose check digit (Luhn) is right.

    Numbers whose middle digits are masked already are replaced too.

    Args:
        placeholder: Text that replaces a number.

    Example:
        >>> Card("[카드]").apply("4111-1111-1111-1111, 4111 1111 1111 1112, 4111-****-****-1111")
        '[카드], 4111 1111 1111 1112, [카드]'
    """

    name = "card"
    place = 115
    settings = (placeholder("private.card", "", "numbers of payment cards"),)
    example = Example(
        {"private.card": "[카드번호]"}, "카드 4111-1111-1111-1111로", "카드 [카드번호]로"
    )
    pattern = _CARD

    def accepts(self, match: re.Match, previous: int) -> bool:
        """Check the last digit, unless some are masked."""
        digits = re.sub(r"[^\d*xX]", "", match.group())
        return not digits.isdigit() or _luhn(digits)


def _luhn(digits: str) -> bool:
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0

"""Mask numbers of bank accounts."""

import re

from kortf.clean.masking import NumberRule, placeholder
from kortf.clean.rule import Example

_NUMBER = re.compile(
    r"\d(?<!\d.)(?<!\d[-.,].)[\d*]{1,13}(?:[- ][\d*]{1,8}){0,4}"
    r"(?![\d*]|[-.,]\d| ?[원명개년호]|달러)"
)
_CUE = re.compile("계좌|입금|송금|예금주|은행|우체국|새마을금고|카카오뱅크|토스뱅크|케이뱅크")
# Short names, which are also common words, count right before a number with hyphens.
_SHORT_NAME = re.compile("(?:국민|신한|하나|우리|기업|농협|수협|신협|제일|씨티)[ :]{0,3}$")
_CUE_CHARS = 16
_LEAST, _MOST = 10, 16


class Account(NumberRule):
    """Replaces numbers of 10 to 16 digits within 16 characters behind a bank or a word like 계좌.

    Each bank has its own form of number, and most have no public check digit.

    Args:
        placeholder: Text that replaces a number.

    Example:
        >>> Account("[계좌번호]").apply("국민은행 123456-01-234567로, 주문 123456-01-234567")
        '국민은행 [계좌번호]로, 주문 123456-01-234567'
    """

    name = "account"
    place = 135
    settings = (placeholder("private.account", "", "bank account numbers"),)
    example = Example({"private.account": "[계좌번호]"}, "계좌 110-123-456789", "계좌 [계좌번호]")
    pattern = _NUMBER

    def accepts(self, match: re.Match, previous: int) -> bool:
        """Count the digits and look for a word before them."""
        if not _LEAST <= sum(char not in "- " for char in match.group()) <= _MOST:
            return False
        text, start = match.string, match.start()
        first = max(previous, start - _CUE_CHARS)
        if _CUE.search(text, first, start):
            return True
        return "-" in match.group() and _SHORT_NAME.search(text[first:start]) is not None

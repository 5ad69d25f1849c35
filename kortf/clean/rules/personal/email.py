"""Mask e-mail addresses."""

import re
from collections.abc import Iterator

import numpy as np

from kortf.clean.masking import MaskRule, Spans, merged, placeholder, plain
from kortf.clean.rule import Example

_LOCAL = "[A-Za-z0-9._%+*-]"
_DOT = r"(?:\.| {0,2}[\[({<] ?(?:dot|DOT|점|닷|쩜) ?[\])}>] {0,2})"
_LABEL = "(?:[A-Za-z0-9*-]{1,63}|[가-힣]{1,20})"
_KNOWN = "(?:네이버|다음|한메일|지메일|구글|핫메일|네이트|카카오) ?(?:닷컴|쩜컴|점컴|닷넷|[.]com)"
_DOMAIN = rf"(?:(?:{_LABEL}{_DOT}){{1,8}}(?:[A-Za-z]{{2,24}}|한국)|{_KNOWN})"
_BRACKETS = tuple("[({<")
# Most characters of an address before its sign (a name, a gap and a bracket), and behind.
_MOST_BEFORE, _MOST_BEHIND = 75, 600
# Bounded, as addresses are: else a long line of Latin letters would be searched again and again.
_EMAIL = re.compile(
    rf"{_LOCAL}(?<!{_LOCAL}{_LOCAL}){_LOCAL}{{0,63}}"
    r"(?:"
    rf"(?:@| {{0,4}}(?:[\[({{<] ?(?:at|At|AT|골뱅이) ?[\])}}>]|골뱅이) {{0,4}}){_DOMAIN}"
    # With spaces around the sign only where both sides look like those of an address.
    rf"|(?<={_LOCAL}{{3}}) {{0,4}}@ {{0,4}}"
    r"(?:[A-Za-z0-9*-]{3,63} {0,2}[.,] {0,2})(?:[A-Za-z0-9-]{1,63} {0,2}[.,] {0,2}){0,7}"
    r"(?:com|net|org|kr)(?![A-Za-z])"
    r")"
)


class Email(MaskRule):
    """Replaces e-mail addresses, also those written with `[at]`, `(골뱅이)` or full-width letters.

    Args:
        placeholder: Text that replaces an address.

    Example:
        >>> Email("[이메일]").apply("문의는 kim.cs@example.co.kr로, 트위터는 @example")
        '문의는 [이메일]로, 트위터는 @example'
    """

    name = "email"
    place = 100
    settings = (placeholder("private.email", "[이메일]", "e-mail addresses"),)
    example = Example({}, "메일은 kim@example.com로", "메일은 [이메일]로")
    pattern = _EMAIL

    def spans(self, text: str) -> Spans:
        """Return the parts around the signs of addresses."""
        spelled = plain(text)
        signs = np.array(sorted(_signs(spelled)), np.int64)
        return merged(signs - _MOST_BEFORE, signs + _MOST_BEHIND, len(text))


def _signs(text: str) -> Iterator[int]:
    """Yield the places of `@`, 골뱅이, and of `at`, `At` and `AT` behind a bracket."""
    for sign in ("@", "골뱅이", "at", "At", "AT"):
        at = text.find(sign)
        while at >= 0:
            if len(sign) != 2 or text[max(at - 2, 0) : at].rstrip(" ")[-1:] in _BRACKETS:
                yield at
            at = text.find(sign, at + 1)

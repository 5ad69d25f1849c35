"""Mask e-mail addresses."""

import re

from kortf.clean.masking import MaskRule, placeholder
from kortf.clean.rule import Example

_LOCAL = "[A-Za-z0-9._%+*-]"
_DOMAIN = r"(?:[A-Za-z0-9*-]{1,63}\.){1,8}[A-Za-z]{2,24}"
_SIGN = re.compile(r"@|골뱅이|[\[({<] ?(?:at|AT)")
# Bounded, as addresses are: else a long line of Latin letters would be searched again and again.
_EMAIL = re.compile(
    rf"{_LOCAL}(?<!{_LOCAL}{_LOCAL}){_LOCAL}{{0,63}}"
    r"(?:"
    rf"(?:@| {{0,4}}(?:[\[({{<] ?(?:at|AT|골뱅이) ?[\])}}>]|골뱅이) {{0,4}}){_DOMAIN}"
    # With spaces around the sign only where both sides look like those of an address.
    rf"|(?<={_LOCAL}{{3}}) {{0,4}}@ {{0,4}}"
    r"(?:[A-Za-z0-9*-]{3,63}\.)(?:[A-Za-z0-9-]{1,63}\.){0,7}(?:com|net|org|kr)(?![A-Za-z])"
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
    hint = _SIGN

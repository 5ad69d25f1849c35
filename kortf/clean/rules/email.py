"""Masks e-mail addresses."""

import re

from kortf.clean.rules.mask_rule import MaskRule

_LOCAL = "[A-Za-z0-9._%+-]"
# Bounded, as addresses are: else a long line of Latin letters would be searched again and again.
_EMAIL = re.compile(
    rf"{_LOCAL}(?<!{_LOCAL}{_LOCAL}){_LOCAL}{{0,63}}"
    r"(?:@|＠| ?\[at\] ?| ?\(at\) ?)"
    r"(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}"
)


class Email(MaskRule):
    """Puts a placeholder for e-mail addresses.

    Args:
        placeholder: what stands there then.

    Example:
        >>> Email("[이메일]").apply("문의는 kim.cs@example.co.kr로, 트위터는 @example")
        '문의는 [이메일]로, 트위터는 @example'
    """

    name = "email"
    pattern = _EMAIL

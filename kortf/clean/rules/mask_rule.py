"""What puts a placeholder in the place of personal data."""

import re

from kortf.clean.rule import TextRule


class MaskRule(TextRule):
    """Puts a placeholder for what a pattern finds.

    Args:
        placeholder: what stands there then.

    Example:
        >>> class Sevens(MaskRule):
        ...     name, pattern = "sevens", re.compile("7+")
        >>> Sevens("[n]").apply("1 77 3")
        '1 [n] 3'
    """

    pattern: re.Pattern
    private = True

    def __init__(self, placeholder: str):
        self._placeholder = placeholder

    def apply(self, text: str) -> str:
        """See `TextRule`."""
        return self.pattern.sub(self._mask, text)

    def _mask(self, match: re.Match) -> str:
        """What stands in the place of a match."""
        return self._placeholder

"""Base of the rules that replace personal data by a placeholder."""

import functools
import re
import unicodedata

import numpy as np

from kortf.clean import characters
from kortf.clean.rule import ONE_LINE, Setting, TextRule

_DASHES = "‐‑‒–—―−﹘﹣─━ーｰㅡ一˗⁃"
_TILDES = "∼〜"
_DOTS = "·․‧∙⋅・ㆍᆞ•。｡･"
_MASKS = "○●◯◎□■◆◇☆★✱∗⁎※×"


def placeholder(key: str, default: str, what: str) -> Setting:
    """Return the setting that holds the placeholder of a rule.

    Args:
        key: Key in the config.
        default: Usual placeholder; an empty string turns the rule off.
        what: Kind of data that the rule replaces.
    """
    doc = f"placeholder for {what}; an empty string leaves them"
    return Setting(key, default, doc, ONE_LINE)


class MaskRule(TextRule):
    """Replaces each match of a pattern by a placeholder.

    The pattern sees a plain spelling of the text in which digits are ASCII, dashes are `-`, dots
    are `.`, white space is a space and characters that hide digits are `*`; see `plain`.

    Args:
        placeholder: Text that replaces a match.

    Example:
        >>> class Sevens(MaskRule):
        ...     name, pattern = "sevens", re.compile("7+")
        >>> Sevens("[n]").apply("1 7７ 3")
        '1 [n] 3'
    """

    pattern: re.Pattern
    hint: re.Pattern | None = None  # what a text with a match contains, for a quick search
    private = True

    def __init__(self, placeholder: str):
        self._placeholder = placeholder

    def apply(self, text: str) -> str:
        """See `TextRule`."""
        spelled = plain(text)
        if self.hint and not self.hint.search(spelled):
            return text
        parts, end = [], 0
        for match in self.pattern.finditer(spelled):
            if self.accepts(match, end):
                start = match.start() + self.kept(match)
                parts += (text[end:start], self._placeholder)
                end = match.end()
        return "".join([*parts, text[end:]]) if parts else text

    def accepts(self, match: re.Match, previous: int) -> bool:
        """Return whether a match is personal data.

        Args:
            match: Match in the plain spelling.
            previous: End of the last match that was accepted, 0 if there is none.
        """
        return True

    def kept(self, match: re.Match) -> int:
        """Return the number of characters at the start of a match that stay."""
        return 0


@functools.lru_cache(maxsize=1)  # several rules see the same text, one after the other
def plain(text: str) -> str:
    """Return the text in plain spelling, character by character.

    Example:
        >>> plain("０１０ㅡ1234　○○○○")
        '010-1234 ****'
    """
    return characters.as_text(_plain_table()[characters.as_array(text)])


@functools.cache
def _plain_table() -> np.ndarray:
    """Plain spelling of each code point, uint32 `[0x110000]`."""
    table = np.arange(0x110000, dtype=np.uint32)
    table[0xFF01:0xFF5F] = np.arange(0x21, 0x7F)  # full-width ASCII
    digits = characters.category("N")
    for point in np.flatnonzero(digits):
        value = unicodedata.decimal(chr(point), None)
        if value is not None:
            table[point] = ord("0") + value
    spaces = np.flatnonzero(characters.category("Z"))
    table[spaces[~np.isin(spaces, (0x2028, 0x2029))]] = ord(" ")
    table[ord("\t")] = ord(" ")
    for letters, target in ((_DASHES, "-"), (_TILDES, "~"), (_DOTS, "."), (_MASKS, "*")):
        table[[ord(letter) for letter in letters]] = ord(target)
    table[ord("﹫")] = ord("@")
    return table

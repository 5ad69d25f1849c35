"""Base of the rules that replace personal data by a placeholder."""

import functools
import re
import unicodedata

import numpy as np

from kortf.clean import characters
from kortf.clean.rule import ONE_LINE, Setting, TextRule
from kortf.text.unicode import tables

_DASHES = "‐‑‒–—―−﹘﹣─━ーｰㅡ一˗⁃"
_TILDES = "∼〜"
_DOTS = "·․‧∙⋅・ㆍᆞ•。｡･"
_MASKS = "○●◯◎□■◆◇☆★✱∗⁎※×"
_SLASHES = "∕⁄⧸╱"
_COMMAS = "、､﹐"
_BARS = "ㅣ│┃ǀ∣"

# Kinds of characters in numbers. The digits of each number that a rule masks, some of them perhaps
# hidden, have nothing but separators between the last seven of them.
_OTHER, _SEPARATOR, _DIGIT = 0, 1, 2
SEPARATORS = " -.)/~_:,;=|(+'\"^#&!<>[]{}"
LEAST_DIGITS = 7
# Most characters before seven such digits (공일공, a region, brackets, a wide gap), and behind.
MOST_BEFORE, MOST_BEHIND = 80, 10

# Parts of a text: first characters, and characters behind the last ones; ascending, apart. A tuple,
# because rules share it.
Spans = tuple[tuple[int, int], ...]


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
    are `.`, white space is a space, characters that hide digits are `*`, and other signs that are
    not ASCII are `|`; see `plain`.

    Args:
        placeholder: Text that replaces a match.

    Example:
        >>> class Sevens(MaskRule):
        ...     name, pattern = "sevens", re.compile("7+")
        >>> Sevens("[n]").apply("1 7７ 3")
        '1 [n] 3'
    """

    pattern: re.Pattern
    private = True

    def __init__(self, placeholder: str):
        self._placeholder = placeholder

    def apply(self, text: str) -> str:
        """See `TextRule`."""
        spans = self.spans(text)
        if not spans:
            return text
        spelled = plain(text)
        parts, end = [], 0
        for first, last in spans:
            for match in self.pattern.finditer(spelled, first, last):
                if self.accepts(match, end):
                    start = match.start() + self.kept(match)
                    parts += (text[end:start], self._placeholder)
                    end = match.end()
        return "".join([*parts, text[end:]]) if parts else text

    def spans(self, text: str) -> Spans:
        """Return parts of a text outside of which no match begins or ends; all of it by default."""
        return ((0, len(text)),)

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


class NumberRule(MaskRule):
    """Replaces numbers of at least seven digits that match a pattern, by a placeholder.

    Only the parts of a text around seven digits with nothing but separators between them are
    searched, so the pattern must not match anything shorter.
    """

    def spans(self, text: str) -> Spans:
        """See `MaskRule`."""
        return _spans_of_numbers(text)


@functools.lru_cache(maxsize=1)  # several rules see the same text, one after the other
def plain(text: str) -> str:
    """Return the text in plain spelling, character by character.

    Example:
        >>> plain("０１０ㅡ1234　○○○○")
        '010-1234 ****'
    """
    return characters.as_text(_plain_array(text))


@functools.lru_cache(maxsize=1)
def _plain_array(text: str) -> np.ndarray:
    return _plain_table()[characters.as_array(text)]


@functools.lru_cache(maxsize=1)
def _spans_of_numbers(text: str) -> Spans:
    """Return the parts of a text that hold numbers of at least seven digits.

    Example:
        >>> _spans_of_numbers("가" * 100 + "010-1234-5678" + "나" * 100 + "1234")
        ((20, 122),)
    """
    kinds = _number_table()[_plain_array(text)]  # [characters]
    digits = np.flatnonzero(kinds == _DIGIT)
    if len(digits) < LEAST_DIGITS:
        return ()
    others = np.cumsum(kinds == _OTHER, dtype=np.int32)  # [characters]
    first, last = digits[: 1 - LEAST_DIGITS], digits[LEAST_DIGITS - 1 :]
    together = others[first] == others[last]
    return merged(first[together] - MOST_BEFORE, last[together] + MOST_BEHIND, len(text))


def merged(starts: np.ndarray, ends: np.ndarray, size: int) -> Spans:
    """Return spans without overlap, inside of a text.

    Example:
        >>> merged(np.array([-2, 3, 9]), np.array([4, 6, 12]), 10)
        ((0, 6), (9, 10))

    Args:
        starts: First characters, ascending.
        ends: Characters behind the last ones, ascending.
        size: Number of characters of the text.
    """
    if not len(starts):
        return ()
    begins = np.concatenate([[True], starts[1:] > ends[:-1]])
    firsts = np.maximum(starts[begins], 0)
    lasts = np.minimum(ends[np.concatenate([begins[1:], [True]])], size)
    return tuple(zip(firsts.tolist(), lasts.tolist(), strict=True))


@functools.cache
def _number_table() -> np.ndarray:
    """Kind of each character of a plain spelling, uint8 `[0x110000]`."""
    table = np.full(0x110000, _OTHER, np.uint8)
    table[[ord(char) for char in SEPARATORS]] = _SEPARATOR
    table[[ord(char) for char in "0123456789*xX"]] = _DIGIT
    return table


@functools.cache
def _plain_table() -> np.ndarray:
    """Plain spelling of each code point, uint32 `[0x110000]`."""
    table = np.arange(0x110000, dtype=np.uint32)
    table[0xFF01:0xFF5F] = np.arange(0x21, 0x7F)  # full-width ASCII
    digits = tables.category("N")
    for point in np.flatnonzero(digits):
        value = unicodedata.decimal(chr(point), None)
        if value is not None:
            table[point] = ord("0") + value
    spaces = np.flatnonzero(tables.category("Z"))
    table[spaces[~np.isin(spaces, (0x2028, 0x2029))]] = ord(" ")
    table[ord("\t")] = ord(" ")
    # Arrows, quotes, emoji …: all but brackets and signs of currencies, per cent and degrees.
    signs = np.flatnonzero(tables.category("P") | tables.category("S"))
    kept = {"Ps", "Pe", "Pi", "Pf", "Sc"}
    for point in signs[signs > 0x7F].tolist():
        if table[point] == point and unicodedata.category(chr(point)) not in kept:
            table[point] = ord("|")
    for letters, target in (
        (_DASHES, "-"), (_TILDES, "~"), (_DOTS, "."), (_MASKS, "*"), (_SLASHES, "/"),
        (_COMMAS, ","), (_BARS, "|"), ("﹫ⓐ", "@"), ("∶", ":"), ("％‰°′″", "%"),
    ):  # fmt: skip
        table[[ord(letter) for letter in letters]] = ord(target)
    return table

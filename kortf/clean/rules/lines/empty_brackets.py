"""Remove brackets in which nothing is left."""

import functools
import re

import numpy as np

from kortf.clean import characters
from kortf.clean.characters import MARK
from kortf.clean.rule import Example, Setting, TextRule

_OPEN, _CLOSE = "([「『《〈（【", ")]」』》〉）】"
_CLOSES, _FILLS, _OPENS = 1, 2, 3  # kinds of characters
_FILLER = " \t\u00a0\u3000,、"
# f() and a[] in an article on C are whole as they are; (;;) and (..) are faces.
_CALL = re.compile(r"[A-Za-z0-9_)\]][(\[]")
_EMPTY = re.compile(
    rf"[{re.escape(_OPEN)}](?<![A-Za-z0-9_)\]][(\[])[{_FILLER}]*+[{re.escape(_CLOSE)}]"
)
_TOKEN = re.compile(rf"[{re.escape(_OPEN + _CLOSE)}]|[^{re.escape(_OPEN + _CLOSE)}]+")
_LEADING = re.compile(r"\( *+,[ ,;]*+(?=[^\s,;)])")
# Bounded, or each comma of a long run would be searched from.
_TRAILING = re.compile(r",[ ,]{0,40}+\)")
_LINE = re.compile(f"[^\n{MARK}]+")


class EmptyBrackets(TextRule):
    """Removes what a cut template or a removed Hanja leaves: `()`, `(, )`, `『』`, also nested.

    Commas that then lead or trail inside a bracket are removed as well.

    Example:
        >>> EmptyBrackets().apply("지미 카터(, 1924년)는 『』 미국( )의 f() 《[]》")
        '지미 카터(1924년)는  미국의 f() '
    """

    name = "empty_brackets"
    place = 80
    settings = (
        Setting(
            "boilerplate.empty_brackets",
            True,
            "`()`, `(, )`, `『』` go, and commas that lead or trail in a bracket",
        ),
    )
    example = Example({}, "지미 카터(, 1924년)와 미국( )의 《[]》", "지미 카터(1924년)와 미국의 ")

    def apply(self, text: str) -> str:
        """See `TextRule`."""
        text, found = _without_simple(text)
        if found and _EMPTY.search(text):  # nested ones, which are rare
            text = _LINE.sub(lambda line: _without_empty(line.group()), text)
        if "(," in text or "( " in text:
            text = _LEADING.sub("(", text)
        if ",)" in text or " )" in text:
            text = _TRAILING.sub(")", text)
        return text


def _without_simple(text: str) -> tuple[str, bool]:
    """Remove the matches of `_EMPTY`, whose last character is found first."""
    kinds = _kinds()[characters.as_array(text)]
    closing = np.flatnonzero((kinds[1:] == _CLOSES) & (kinds[:-1] >= _FILLS)) + 1
    parts, done = [], 0
    for end in closing.tolist():
        start = end - 1
        while start > done and text[start] in _FILLER:
            start -= 1
        match = _EMPTY.match(text, start)
        if match and match.end() == end + 1:
            parts.append(text[done:start])
            done = end + 1
    return ("".join([*parts, text[done:]]), True) if parts else (text, False)


@functools.cache
def _kinds() -> np.ndarray:
    """Kind of each code point, uint8 `[0x110000]`."""
    kinds = np.zeros(0x110000, np.uint8)
    for letters, kind in ((_CLOSE, _CLOSES), (_FILLER, _FILLS), (_OPEN, _OPENS)):
        kinds[[ord(letter) for letter in letters]] = kind
    return kinds


def _without_empty(line: str) -> str:
    """Remove brackets around nothing, and those around only such ones, in one pass."""
    if not _EMPTY.search(line):
        return line
    kept: list[str] = []
    opened: list[int] = []  # places in `kept` of brackets behind which nothing is left so far
    for match in _TOKEN.finditer(line):
        token, start = match.group(), match.start()
        kept.append(token)
        if token in _OPEN and not (start and _CALL.match(line, start - 1)):
            opened.append(len(kept) - 1)
        elif token in _CLOSE and opened:
            del kept[opened.pop() :]
        elif token.strip(_FILLER):
            opened.clear()
    return "".join(kept)

"""Shorten runs of emoji."""

import re

from kortf.clean import characters
from kortf.clean.rule import Example, Setting, TextRule, at_least
from kortf.text.unicode import code_points, tables
from kortf.text.unicode.normalize import python_class

_EMOJI = python_class(code_points.EMOJI).pattern
# Parts of the emoji before them: selectors, the keycap, colours of skin.
_PARTS = r"\x{fe0e}\x{fe0f}\x{20e3}\x{1f3fb}-\x{1f3ff}"
_PART = python_class(_PARTS).pattern
_FLAG = "[\U0001f1e6-\U0001f1ff]"


class EmojiRuns(TextRule):
    """Cuts runs of emoji, which may differ, to a number of them.

    Args:
        most: Longest run; at least 1.

    Example:
        >>> EmojiRuns(2).apply("좋아요😀😍❤️🎉🎉 최고👍")
        '좋아요😀😍 최고👍'
    """

    name = "emoji_runs"
    place = 155
    settings = (Setting("web.emoji", 0, "longest run of emoji; 0 is any", at_least(0)),)
    example = Example({"web.emoji": 2}, "좋아요😀😍🎉🎉🎉 최고👍", "좋아요😀😍 최고👍")

    def __init__(self, most: int):
        limit = min(most, 1_000_000)
        self._least = limit + 1
        self._table = tables.table(code_points.EMOJI) | tables.table(_PARTS)
        # A class first, for which `re` searches quickly; then a second half of a flag.
        one = f"{_EMOJI}(?<!{_PART})(?:(?<={_FLAG}){_FLAG})?{_PART}*+"
        self._run = re.compile(f"({one}(?:{one}){{{limit - 1}}})(?:{one})++")

    def apply(self, text: str) -> str:
        """See `TextRule`."""
        return characters.replace_runs(text, self._table, self._least, self._shorten)

    def _shorten(self, run: str) -> str:
        return self._run.sub(r"\1", run)

"""Shorten mixed laughter and weeping."""

import re

from kortf.clean import characters
from kortf.clean.rule import Example, Setting, TextRule, at_least
from kortf.text.unicode import tables

_KINDS = ("ㅋㅎㅌ", "ㅠㅜ", "하호히흐헤허", "크킥키큭")


class Laughter(TextRule):
    """Cuts runs such as `ㅋㅎㅋㅎ`, `ㅠㅜㅠㅜ` and `하하호호` to a length.

    Runs of one character are cut by `repeats` too, which does not see mixed ones.

    Args:
        most: Longest run; at least 1.

    Example:
        >>> Laughter(4).apply("ㅋㅎㅋㅎㅋㅎㅋㅋ 웃겨 ㅠㅜㅠㅜㅠㅜ 하하하하하하 크크")
        'ㅋㅎㅋㅎ 웃겨 ㅠㅜㅠㅜ 하하하하 크크'
    """

    name = "laughter"
    place = 150
    settings = (
        Setting("web.laughter", 0, "longest run of mixed ㅋㅎ or ㅠㅜ; 0 is any", at_least(0)),
    )
    example = Example({"web.laughter": 4}, "ㅋㅎㅋㅎㅋㅎㅋㅋ 웃겨", "ㅋㅎㅋㅎ 웃겨")

    def __init__(self, most: int):
        self._most = most
        limit = min(most, 1_000_000)
        self._least = limit + 1
        self._table = tables.table("".join(_KINDS))
        # A class first, for which `re` searches quickly.
        kinds = "|".join(f"(?<=[{kind}])[{kind}]{{{limit},}}" for kind in _KINDS)
        self._runs = re.compile(f"[{''.join(_KINDS)}](?:{kinds})")

    def apply(self, text: str) -> str:
        """See `TextRule`."""
        return characters.replace_runs(text, self._table, self._least, self._shorten)

    def _shorten(self, run: str) -> str:
        return self._runs.sub(lambda match: match[0][: self._most], run)

"""Remove kinds of characters that a corpus does without: Hanja, emoji."""

from collections.abc import Mapping
from typing import Any

from kortf.clean import characters
from kortf.clean.rule import Example, Setting, TextRule
from kortf.text.unicode import removal, tables


class Remove(TextRule):
    """Removes all characters of a kind; nothing replaces them.

    Args:
        kind: Key of `kortf.text.unicode.removal.KINDS`. It is also the name of the rule.

    Example:
        >>> Remove("hanja").apply("대한민국(大韓民國) 만세😀")
        '대한민국() 만세😀'
    """

    place = 30
    settings = (Setting("remove", "", "`hanja`, `emoji` or both (`hanja,emoji`) go"),)
    example = Example({"remove": "hanja"}, "대한민국大韓民國 만세😀", "대한민국 만세😀")

    def __init__(self, kind: str):
        self.name = kind
        self._table = tables.table(removal.KINDS[kind])

    @classmethod
    def make(cls, values: Mapping[str, Any], wiki: bool) -> list["Remove"]:
        """See `Rule`."""
        return [cls(kind) for kind in _kinds(values)]

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """See `Rule`."""
        _kinds(values)

    def apply(self, text: str) -> str:
        """See `TextRule`."""
        return characters.without(text, self._table)


def _kinds(values: Mapping[str, Any]) -> tuple[str, ...]:
    names = [name.strip() for name in values["remove"].split(",") if name.strip()]
    return removal.check(names, "--config.remove")

"""Drop documents that are too short or too long."""

from collections.abc import Mapping
from typing import Any

from kortf.clean.rule import Example, Filter, Setting, at_least
from kortf.errors import InputError

_MEASURES = {
    "chars": lambda document: len(document) - document.count("\n"),
    "words": lambda document: len(document.split()),
    "lines": lambda document: document.count("\n") + 1,
}
_NAMES = {"chars": "characters (newlines not counted)", "words": "words", "lines": "lines"}


class Length(Filter):
    """Drops documents of fewer or more characters, words or lines.

    Args:
        unit: `chars`, `words` or `lines`.
        least: Units that a document must have.
        most: Units that a document may have; 0 is no limit.

    Example:
        >>> Length("words", least=2, most=3).drops(["굿", "정말 재미있다", "하나 둘 셋 넷"])
        [True, False, True]
    """

    place = 500
    settings = tuple(
        Setting(f"length.{end}_{unit}", default, doc.format(name), at_least(0))
        for unit, name in _NAMES.items()
        for end, default, doc in (
            ("min", int(unit == "chars"), "documents of fewer {} go"),
            ("max", 0, "documents of more {} go; 0 is no limit"),
        )
    )
    example = Example({"length.min_words": 2}, "굿", "")

    def __init__(self, unit: str, least: int, most: int):
        self.name = f"length.{unit}"
        self._measure = _MEASURES[unit]
        self._least = least
        self._most = most or float("inf")

    @classmethod
    def make(cls, values: Mapping[str, Any], wiki: bool) -> list["Length"]:
        """See `Rule`."""
        made = []
        for unit in _MEASURES:
            least, most = values[f"length.min_{unit}"], values[f"length.max_{unit}"]
            if least > 1 or most:
                made.append(cls(unit, least, most))
        return made

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """See `Rule`."""
        for unit in _MEASURES:
            least, most = values[f"length.min_{unit}"], values[f"length.max_{unit}"]
            if most and least > most:
                problem = f"must be 0 or at least length.min_{unit}={least}"
                raise InputError(f"--config.length.max_{unit}={most}", problem, "correct it")

    def drops(self, documents: list[str]) -> list[bool]:
        """See `Filter`."""
        return [not self._least <= size <= self._most for size in map(self._measure, documents)]

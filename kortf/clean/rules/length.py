"""Drops documents that are too short or too long."""

from kortf.clean.rule import Filter

MEASURES = {
    "chars": lambda document: len(document) - document.count("\n"),
    "words": lambda document: len(document.split()),
    "lines": lambda document: document.count("\n") + 1,
}


class Length(Filter):
    """Drops documents of fewer or more characters (newlines not counted), words or lines.

    Args:
        unit: `chars`, `words` or `lines`.
        least: those that a document must have.
        most: those that it may have; 0 is any number.

    Example:
        >>> Length("words", least=2, most=3).drops(["굿", "정말 재미있다", "하나 둘 셋 넷"])
        [True, False, True]
    """

    def __init__(self, unit: str, least: int, most: int):
        self.name = f"length.{unit}"
        self._measure = MEASURES[unit]
        self._least = least
        self._most = most or float("inf")

    def drops(self, documents: list[str]) -> list[bool]:
        """See `Filter`."""
        return [not self._least <= size <= self._most for size in map(self._measure, documents)]

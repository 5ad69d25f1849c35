"""Removes lines that are too short to be learned from."""

from kortf.clean.rule import DocumentRule


class ShortLines(DocumentRule):
    """Removes lines of fewer characters.

    Args:
        least: characters that a line must have.

    Example:
        >>> ShortLines(3).apply("봄이 왔다.\\n끝\\n꽃이 핀다.")
        '봄이 왔다.\\n꽃이 핀다.'
    """

    name = "short_lines"

    def __init__(self, least: int):
        self._least = least

    def apply(self, document: str) -> str:
        """See `DocumentRule`."""
        return "\n".join(line for line in document.split("\n") if len(line) >= self._least)

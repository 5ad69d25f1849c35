"""Remove short lines."""

from kortf.clean.rule import DocumentRule, Example, Setting, at_least


class ShortLines(DocumentRule):
    """Removes lines of fewer characters.

    Args:
        least: Characters that a line must have.

    Example:
        >>> ShortLines(3).apply("봄이 왔다.\\n끝\\n꽃이 핀다.")
        '봄이 왔다.\\n꽃이 핀다.'
    """

    name = "short_lines"
    place = 320
    settings = (Setting("short_lines", 0, "lines of fewer characters go", at_least(0)),)
    example = Example({"short_lines": 3}, "봄이 왔다.\n끝\n꽃이 핀다.", "봄이 왔다.\n꽃이 핀다.")

    def __init__(self, least: int):
        self._least = least

    def apply(self, document: str) -> str:
        """See `DocumentRule`."""
        return "\n".join(line for line in document.split("\n") if len(line) >= self._least)

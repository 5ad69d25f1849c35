"""Lines of an encyclopaedia article as WikiExtractor writes it."""

import html
import re
import unicodedata
from collections.abc import Iterator

# "지미 카터(, 1924년" is what is left where a template was cut; f() in an article on C is not.
_EMPTY_LEAD = re.compile(r"\((?:\s*[,;])+\s*")
_EMPTY_PARENTHESES = re.compile(r"(?<=[가-힣\s])\(\s*\)")


def article(body: str, title: str | None) -> Iterator[list[str]]:
    """Yield the lines of an article without its title line; nothing if no line is left.

    Args:
        body: Text of the article; it begins with the title.
        title: Title, with entities resolved.

    Example:
        >>> list(article("A&amp;B\\n\\n본문(, 1924년).\\n", "A&B"))
        [['본문(1924년).']]
    """
    lines = [line.strip() for line in body.strip().split("\n")]
    if title is not None and _plain(title) in (_plain(lines[0]), _plain(html.unescape(lines[0]))):
        del lines[0]
    lines = [tidied for line in lines if line and (tidied := _tidy(line))]
    if lines:
        yield lines


def _plain(title: str) -> str:
    return " ".join(unicodedata.normalize("NFC", title).split())


def _tidy(line: str) -> str:
    if "&" in line:
        line = html.unescape(line)
    if "(" in line:
        line = _EMPTY_PARENTHESES.sub("", _EMPTY_LEAD.sub("(", line))
    return line.strip()

"""Tell headings from sentences, by their form."""

import re

# WikiExtractor ends a heading in a full stop. A line that ends like a verb is a short sentence.
_HEADING = re.compile(r"(?!.*[다요오까죠네음함됨임니라자]\.$)[^.!?\n]{1,30}\.")
_MOST_WORDS = 5


def is_heading(line: str) -> bool:
    """Return whether a line is a section heading: a few words and a full stop, and no sentence.

    Example:
        >>> is_heading("같이 보기."), is_heading("그는 갔다.")
        (True, False)
    """
    if len(line) > 31 or not line.endswith("."):  # most lines, and quicker than the pattern
        return False
    return _HEADING.fullmatch(line) is not None and line.count(" ") < _MOST_WORDS

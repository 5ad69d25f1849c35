"""Removes headings under which nothing stands."""

import re

from kortf.clean.rule import DocumentRule

# WikiExtractor ends a heading in a full stop. What ends like a verb is a sentence, if a short one.
_HEADING = re.compile(r"(?!.*[다요오까죠네음함됨임니라자]\.$)[^.!?\n]{1,30}\.")
_MOST_WORDS = 5


class Headings(DocumentRule):
    """Removes a heading that is followed by another one, or by nothing.

    Of headings in one another the outer ones go too: the text does not say how deep one is. A
    document of nothing but headings stays as it is.

    Example:
        >>> Headings().apply("그는 화가다.\\n생애.\\n초기.\\n부산에서 났다.\\n외부 링크.")
        '그는 화가다.\\n초기.\\n부산에서 났다.'
    """

    name = "headings"

    def apply(self, document: str) -> str:
        """See `DocumentRule`."""
        lines = document.split("\n")
        is_heading = [is_a_heading(line) for line in lines]
        if not any(is_heading) or all(is_heading):
            return document
        follows = [*is_heading[1:], True]
        return "\n".join(
            line
            for line, heading, next_one in zip(lines, is_heading, follows, strict=True)
            if not (heading and next_one)
        )


def is_a_heading(line: str) -> bool:
    """Whether a line is a section heading: a few words and a full stop, and no sentence.

    Example:
        >>> is_a_heading("같이 보기."), is_a_heading("그는 갔다.")
        (True, False)
    """
    if len(line) > 31 or not line.endswith("."):  # most lines, and quicker than the pattern
        return False
    return _HEADING.fullmatch(line) is not None and line.count(" ") < _MOST_WORDS

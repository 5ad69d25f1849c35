"""KorQuAD 2.0: exact match and character F1 of answers with markup.

As the official script `evaluate-2.0.py` counts: Kim, Lim, Lee, Park and Kim, "KorQuAD 2.0: Korean
QA dataset for web document machine comprehension", Journal of KIISE 47(6), 2020.
"""

import re
import string
from collections import Counter
from html.parser import HTMLParser

# These marks, ASCII punctuation and white space are removed after the tags.
_REMOVED = {ord(mark): None for mark in string.punctuation + "《》〈〉‘’"}

_CUT_TAG = re.compile(r"<[A-Za-z/!][^<>]*\Z")  # a tag whose end is cut off


def normalize(answer: str) -> str:
    """Normalize an answer: the text of the markup, lower case, without marks and white space.

    The official script takes the text by BeautifulSoup; here Python's own parser does. Tags,
    comments and the content of `script` and `style` are no text, and entities are resolved.

    Example:
        >>> normalize("<td>《세종 대왕》&amp; <b>K-POP</b></td>")
        '세종대왕kpop'
    """
    parser = _Text()
    parser.feed(_CUT_TAG.sub("", answer))
    parser.close()
    return "".join("".join(parser.parts).lower().translate(_REMOVED).split())


def exact_match(predicted: str, gold: str) -> float:
    """Return 1 if both answers are equal after normalization, else 0."""
    return float(normalize(predicted) == normalize(gold))


def character_f1(predicted: str, gold: str) -> float:
    """Return the F1 of the characters of an answer in any order.

    Example: four of five characters are right, and none is missing
        >>> round(character_f1("<b>세종</b>대왕이", "세종대왕"), 4)
        0.8889

    Returns:
        A number in [0, 1]; 0 where no character is right.
    """
    ours, theirs = (Counter(normalize(text)) for text in (predicted, gold))
    same = (ours & theirs).total()
    return 2 * same / (ours.total() + theirs.total()) if same else 0.0


class _Text(HTMLParser):
    """Collect the text of markup."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag in self.CDATA_CONTENT_ELEMENTS:
            self._inside.append(tag)

    def handle_endtag(self, tag):
        if self._inside and tag == self._inside[-1]:
            self._inside.pop()

    def handle_data(self, data):
        if not self._inside:
            self.parts.append(data)

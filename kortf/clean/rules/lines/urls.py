"""Remove addresses of web pages."""

import re
from collections.abc import Iterator

from kortf.clean.rule import Example, Setting, TextRule

# What each address contains once; the rest is looked for around it.
_ANCHOR = re.compile(r"://|www\.|(?<=\.)(?:com|net|org|kr|io|me|be|gl|ly)/", re.IGNORECASE)
# Every anchor holds one of these, which are found quickly, at its end or before it.
_SIGNS = ("/", "ww.", "wW.", "Ww.", "WW.")
_MOST_BEFORE = 4
_SCHEME = re.compile(r"(?:https?|ftp)$", re.IGNORECASE)
_DOMAIN = re.compile(r"(?<![A-Za-z0-9@./-])(?:[A-Za-z0-9-]{1,63}\.){1,5}$")
_LONGEST_DOMAIN = 200
_REST = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*+")
_MARKS = ".,;:!?)'[]"  # at the end they belong to the sentence
_IN_NAME = re.compile(r"[A-Za-z0-9@./-]")


class Urls(TextRule):
    """Removes addresses with a scheme, with `www.`, or with a known domain and a path.

    Example:
        >>> Urls().apply("주소(https://a.kr/b?c=1)와 www.example.com에서 1.5/2.")
        '주소()와 에서 1.5/2.'
    """

    name = "urls"
    place = 60
    settings = (Setting("web.urls", False, "addresses of web pages go"),)
    example = Example({"web.urls": True}, "자료는 https://a.kr/b?c=1, 끝.", "자료는 , 끝.")

    def apply(self, text: str) -> str:
        """See `TextRule`."""
        kept, end = [], 0
        for anchor in _anchors(text):
            start = _start(text, anchor)
            if start is None or start < end:
                continue
            kept.append(text[end:start])
            rest = _REST.match(text, anchor.end())[0].rstrip(_MARKS)
            end = anchor.end() + len(rest)
        return "".join([*kept, text[end:]])


def _anchors(text: str) -> Iterator[re.Match]:
    """Yield what `_ANCHOR.finditer` would, from the places of `_SIGNS`."""
    end = 0
    for place in sorted(_places(text)):
        for start in range(max(place - _MOST_BEFORE, end), place + 1):
            if anchor := _ANCHOR.match(text, start):
                yield anchor
                end = anchor.end()
                break


def _places(text: str) -> Iterator[int]:
    for sign in _SIGNS:
        place = text.find(sign)
        while place >= 0:
            yield place
            place = text.find(sign, place + 1)


def _start(text: str, anchor: re.Match) -> int | None:
    """Return the place where the address of an anchor begins, None if it is no address."""
    at = anchor.start()
    if anchor[0] == "://":
        scheme = _SCHEME.search(text[max(0, at - 5) : at])
        return scheme and at - len(scheme[0])
    if anchor[0][0] in "wW":
        return None if at and _IN_NAME.match(text[at - 1]) else at
    window = text[max(0, at - _LONGEST_DOMAIN) : at]
    domain = _DOMAIN.search(window)
    return domain and at - len(domain[0])

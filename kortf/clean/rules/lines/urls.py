"""Remove addresses of web pages."""

import re

from kortf.clean.rule import Example, Setting, TextRule

# What each address contains once: a search for these is quick. The rest is looked for around it.
_ANCHOR = re.compile(r"://|www\.|(?<=\.)(?:com|net|org|kr|io|me|be|gl|ly)/", re.IGNORECASE)
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
        for anchor in _ANCHOR.finditer(text):
            start = _start(text, anchor)
            if start is None or start < end:
                continue
            kept.append(text[end:start])
            rest = _REST.match(text, anchor.end())[0].rstrip(_MARKS)
            end = anchor.end() + len(rest)
        return "".join([*kept, text[end:]])


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

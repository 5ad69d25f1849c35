"""Drop pages that are lists: menus, tables of links, catalogues."""

import re

from kortf.clean.rule import Example, Filter, Setting, between

_ITEM = re.compile(r"[-*•·▶▷■□◆◇○●★☆※>|]|\(?\d{1,3}[.)] |[①-⑳]")
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’)\]」』]*$|[다요죠까네음함됨임니라자]$")
_LEAST_LINES = 5
_SHORT = 15


class ListPages(Filter):
    """Drops documents of whose lines a large share are items and fragments.

    An item begins with a bullet or a number, holds two or more `|`, or has fewer than 15 characters
    and does not end like a sentence. Documents of fewer than five lines stay.

    Args:
        share: Share of such lines from which on a document goes, 0 to 1.

    Example:
        >>> menu = "홈\\n로그인\\n회원가입\\n장바구니\\n고객센터"
        >>> ListPages(0.8).drops([menu, "하나다.\\n둘이다.\\n셋이다.\\n넷이다.\\n다섯"])
        [True, False]
    """

    name = "list_pages"
    place = 520
    settings = (
        Setting(
            "web.lists",
            1.0,
            "share of list items in lines from which on a document goes; 1 is off",
            between(0, 1),
        ),
    )
    example = Example({"web.lists": 0.8}, "홈\n로그인\n회원가입\n장바구니\n고객센터", "")

    def __init__(self, share: float):
        self._share = share

    @classmethod
    def make(cls, values, wiki: bool) -> list["ListPages"]:
        """See `Rule`."""
        return [cls(values["web.lists"])] if values["web.lists"] < 1 else []

    def drops(self, documents: list[str]) -> list[bool]:
        """See `Filter`."""
        return [self._is_list(document) for document in documents]

    def _is_list(self, document: str) -> bool:
        lines = document.split("\n")
        if len(lines) < _LEAST_LINES:
            return False
        return sum(map(_is_item, lines)) >= self._share * len(lines)


def _is_item(line: str) -> bool:
    if _ITEM.match(line) or line.count("|") >= 2:
        return True
    return len(line) < _SHORT and _SENTENCE_END.search(line[-4:]) is None

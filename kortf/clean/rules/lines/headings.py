"""Remove headings without text below them."""

from collections.abc import Mapping
from typing import Any

from kortf.clean.headings import is_heading
from kortf.clean.rule import DocumentRule, Example, Setting, one_of

NEVER, WIKI, ALWAYS = "never", "wiki", "always"


class Headings(DocumentRule):
    """Removes a heading that is followed by another one, or by nothing.

    Of nested headings the outer ones go too: the text does not show how deep one is. A document of
    nothing but headings stays.

    Args:
        once: Whether to look only at lines as the file has them.

    Example:
        >>> Headings().apply("그는 화가다.\\n생애.\\n초기.\\n부산에서 났다.\\n외부 링크.")
        '그는 화가다.\\n초기.\\n부산에서 났다.'
    """

    name = "headings"
    place = 300
    settings = (
        Setting(
            "boilerplate.headings",
            WIKI,
            "a heading without text below goes: `never`, `wiki` (files of that format), `always`",
            one_of(NEVER, WIKI, ALWAYS),
        ),
    )
    example = Example(
        {"boilerplate.headings": ALWAYS},
        "그는 화가다.\n생애.\n초기.\n부산에서 났다.\n외부 링크.",
        "그는 화가다.\n초기.\n부산에서 났다.",
    )

    def __init__(self, once: bool = False):
        self.once = once

    @classmethod
    def make(cls, values: Mapping[str, Any], wiki: bool) -> list["Headings"]:
        """See `Rule`."""
        mode = values["boilerplate.headings"]
        return [cls(once=mode == WIKI)] if mode == ALWAYS or (mode == WIKI and wiki) else []

    def apply(self, document: str) -> str:
        """See `DocumentRule`."""
        lines = document.split("\n")
        headings = [is_heading(line) for line in lines]
        if not any(headings) or all(headings):
            return document
        follows = [*headings[1:], True]
        return "\n".join(
            line
            for line, heading, next_one in zip(lines, headings, follows, strict=True)
            if not (heading and next_one)
        )

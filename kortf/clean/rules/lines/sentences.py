"""Break lines at the ends of sentences."""

from collections.abc import Mapping
from typing import Any

from kortf.clean.headings import is_heading
from kortf.clean.rule import DocumentRule, Example, Setting, one_of
from kortf.text.kiwi import Kiwi
from kortf.text.sentences import split_sentences

NONE, RULES, KIWI = KINDS = ("none", "rules", "kiwi")


class Sentences(DocumentRule):
    """Puts each sentence on a line. Only the white space between two sentences changes.

    Args:
        kind: `rules` (`kortf.text.sentences`) or `kiwi` (the morphological analyser Kiwi, which
            also sees ends without a mark, and is much slower).
        headings: Whether headings are removed from all lines. Then a part that looks like a heading
            stays in its line.

    Raises:
        InputError: Kiwi is not installed.

    Example:
        >>> Sentences("rules").apply("봄이 왔다. 꽃이 핀다!\\n3.5점.")
        '봄이 왔다.\\n꽃이 핀다!\\n3.5점.'
    """

    name = "sentences"
    place = 310
    settings = (
        Setting(
            "sentences",
            NONE,
            "a sentence a line: `none`, `rules`, `kiwi` (also `--sentences=…`)",
            one_of(*KINDS),
        ),
    )
    example = Example(
        {"sentences": RULES}, "봄이 왔다. 꽃이 핀다!\n3.5점.", "봄이 왔다.\n꽃이 핀다!\n3.5점."
    )

    def __init__(self, kind: str, headings: bool = False):
        self._split = Kiwi("sentences=kiwi").split if kind == KIWI else split_sentences
        self._headings = headings

    @classmethod
    def make(cls, values: Mapping[str, Any], wiki: bool) -> list["Sentences"]:
        """See `Rule`."""
        kind = values["sentences"]
        headings = values["boilerplate.headings"] == "always"
        return [] if kind == NONE else [cls(kind, headings)]

    def apply(self, document: str) -> str:
        """See `DocumentRule`."""
        return "\n".join(part for line in document.split("\n") for part in self._parts(line))

    def _parts(self, line: str) -> list[str]:
        parts = self._split(line)
        if not self._headings or not any(map(is_heading, parts)):
            return parts
        joined = parts[:1]
        for part in parts[1:]:
            if is_heading(part) or is_heading(joined[-1]):
                joined[-1] += " " + part
            else:
                joined.append(part)
        return joined

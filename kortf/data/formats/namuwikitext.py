"""namuwikitext: pages of Namuwiki as plain text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kortf.data.reader import BadRows, BlockReader, Head, Place

_TITLE = re.compile(r" = [^=\s][^\n]* = *")
_HEADING = re.compile(r" (?:= ){2,6}[^\n]+")


@dataclass(frozen=True)
class NamuwikitextReader(BlockReader):
    """Read pages that begin with ` = TITLE =`; the title line is left out, section names stay.

    Example:
        " = 서울 =\\n\\n = = 개요 = =\\n 수도이다.\\n" -> ["개요", "수도이다."]
    """

    title = "pages of namuwikitext"
    order = 25
    boundary = re.compile(rb"\n(?= = [^=\s][^\n]{0,400} =[ \r]*\n)")

    @classmethod
    def recognise(cls, head: Head) -> bool:
        lines = head.text.strip("\r\n").split("\n", 1000)
        first = lines[0].rstrip("\r")
        # The white space before the first line may be gone with what came before it.
        if not _is_title(first if first.startswith(" ") else " " + first):
            return False
        return any(_HEADING.match(line) or _is_title(line.rstrip("\r")) for line in lines[1:])

    def parse(self, text: str, place: Place, bad_rows: BadRows) -> Iterator[list[str]]:
        document: list[str] = []
        for number, line in enumerate(text.split("\n")):
            stripped = line.strip()
            if not stripped:
                continue
            title = _is_title(line.rstrip("\r")) or (number == 0 and _is_title(" " + stripped))
            if title:
                if document:
                    yield document
                document = []
            elif heading := _section_name(stripped):
                document.append(heading)
            else:
                document.append(stripped)
        if document:
            yield document


def _is_title(line: str) -> bool:
    line = line.rstrip()
    return line.startswith(" = ") and line.endswith(" =") and line[3:4] not in ("=", "")


def _section_name(line: str) -> str:
    """Return the name in `= = NAME = =`, empty if the line is no heading."""
    depth = 0
    while line.startswith("= ") and line.endswith(" ="):
        line, depth = line[2:-2].strip(), depth + 1
    return line if depth >= 2 else ""

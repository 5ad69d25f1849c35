"""Text of one sentence a line, with a blank line between documents."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kortf.data.reader import BadRows, BlockReader, Head, Place

_HEAD_LINES = 1000


@dataclass(frozen=True)
class TextReader(BlockReader):
    """Read a line as a sentence; a blank line ends the document.

    Example:
        "봄이 왔다.\\n꽃이 핀다.\\n\\n겨울이다.\\n" -> ["봄이 왔다.", "꽃이 핀다."], ["겨울이다."]
    """

    title = "a sentence a line, a blank line between documents"
    extensions = (".txt",)
    order = 90
    boundary = re.compile(rb"\n[ \t\r]*\n")

    @classmethod
    def recognise(cls, head: Head) -> bool:
        lines = head.text.strip().split("\n", _HEAD_LINES)[:_HEAD_LINES]
        return any(not line.strip() for line in lines)

    def parse(self, text: str, place: Place, bad_rows: BadRows) -> Iterator[list[str]]:
        document = []
        for line in text.split("\n"):
            line = line.strip()
            if line:
                document.append(line)
            elif document:
                yield document
                document = []
        if document:
            yield document

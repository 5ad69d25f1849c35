"""Text of one document a line."""

from collections.abc import Iterator
from dataclasses import dataclass

from absl import logging

from kortf.data.reader import BadRows, BlockReader, Head, Place


@dataclass(frozen=True)
class LinesReader(BlockReader):
    """Read each line as a document.

    Example:
        "재밌다\\n\\n 굿 \\n" -> ["재밌다"], ["굿"]
    """

    title = "no blank line, so each line is a document"
    extensions = (".txt",)
    order = 100  # takes whatever is left

    @classmethod
    def recognise(cls, head: Head) -> bool:
        return True

    @classmethod
    def create(cls, head: Head) -> "LinesReader":
        logging.info("%s: no blank line, so each line is a document (--format=lines)", head.name)
        return cls()

    def parse(self, text: str, place: Place, bad_rows: BadRows) -> Iterator[list[str]]:
        for line in text.split("\n"):
            line = line.strip()
            if line:
                yield [line]

"""JSON lines."""

from collections.abc import Iterator
from dataclasses import dataclass

from kortf.data.json_rows import first_row, lines_of_fields
from kortf.data.reader import BadRows, BlockReader, Head, Place


@dataclass(frozen=True)
class JsonLinesReader(BlockReader):
    """Read JSON lines: a document is the lines of some fields, one field after the other.

    Example:
        '{"title": "청원", "body": "가\\\\n나"}' with fields `title, body` -> ["청원", "가", "나"]
    """

    title = "JSON lines"
    extensions = (".jsonl", ".ndjson")
    order = 30

    @classmethod
    def recognise(cls, head: Head) -> bool:
        if head.extension in cls.extensions or first_row(head) is not None:
            return True
        return head.text.lstrip().startswith('{"')

    @classmethod
    def create(cls, head: Head) -> "JsonLinesReader":
        return cls(fields=head.text_fields or ("text",))

    def parse(self, text: str, place: Place, bad_rows: BadRows) -> Iterator[list[str]]:
        return lines_of_fields(text, self.fields, place, bad_rows)

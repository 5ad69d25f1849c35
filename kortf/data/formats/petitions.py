"""Petitions to the Blue House, as JSON lines."""

from collections.abc import Iterator
from dataclasses import dataclass

from kortf.data.json_rows import first_row, lines_of_fields
from kortf.data.reader import BadRows, BlockReader, Head, Place

_KNOWN = {"petition_idx", "num_agree", "category", "content"}


@dataclass(frozen=True)
class PetitionsReader(BlockReader):
    """Read the title and the content of each petition.

    Example:
        '{"petition_idx": "1", "num_agree": 5, "category": "육아", "title": "제목",
        "content": "가\\\\n나"}' -> ["제목", "가", "나"]
    """

    title = "petitions in JSON lines"
    order = 22

    @classmethod
    def recognise(cls, head: Head) -> bool:
        row = first_row(head)
        return row is not None and set(row) >= _KNOWN and not head.text_fields

    @classmethod
    def create(cls, head: Head) -> "PetitionsReader":
        row = first_row(head) or {}
        fields = ("title", "content") if "title" in row else ("content",)
        return cls(fields=head.text_fields or fields)

    def parse(self, text: str, place: Place, bad_rows: BadRows) -> Iterator[list[str]]:
        return lines_of_fields(text, self.fields, place, bad_rows)

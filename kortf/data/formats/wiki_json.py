"""WikiExtractor's JSON lines."""

from collections.abc import Iterator
from dataclasses import dataclass

from kortf.data.article import article
from kortf.data.json_rows import first_row, rows_of, text_of
from kortf.data.reader import BadRows, BlockReader, Head, Place, whole_text
from kortf.errors import InputError


@dataclass(frozen=True)
class WikiJsonReader(BlockReader):
    """Read WikiExtractor's JSON lines: `title` and `text`.

    Example:
        '{"title": "서울", "text": "서울\\\\n\\\\n서울은 수도이다."}' -> ["서울은 수도이다."]
    """

    title = "JSON lines of WikiExtractor"
    order = 21
    wiki = True

    @classmethod
    def recognise(cls, head: Head) -> bool:
        row = first_row(head)
        return row is not None and {"title", "text", "url"} <= set(row) and not head.text_fields

    def parse(self, text: str, place: Place, bad_rows: BadRows) -> Iterator[list[str]]:
        for line, row in rows_of(text, place, bad_rows):
            try:
                title = text_of(row, "title", place, line) if "title" in row else None
                body = text_of(row, "text", place, line)
            except InputError as error:
                bad_rows.report(error)
                continue
            yield from article(whole_text(body, bad_rows), title)

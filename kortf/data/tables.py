"""Files of labelled rows, in the formats and encodings of corpora: the content decides."""

import dataclasses
from collections.abc import Iterator

from kortf.data.corpus.encoding import settle_encoding
from kortf.data.corpus.recognition import refuse_bare_returns, refuse_foreign, text_of
from kortf.data.corpus.sources import FileSource
from kortf.data.formats.arrow import ArrowReader
from kortf.data.formats.csv import CsvReader
from kortf.data.formats.json import JsonReader
from kortf.data.formats.parquet import ParquetReader
from kortf.data.formats.xlsx import XlsxReader
from kortf.data.json_rows import first_row
from kortf.data.reader import Head, Row, TableReader
from kortf.errors import InputError
from kortf.lines import lines_of

UTF8 = "utf-8"
_BINARY = (ParquetReader, ArrowReader, XlsxReader)


@dataclasses.dataclass(frozen=True)
class Table:
    """A file of rows, or of lines.

    Args:
        source: The file, with its encoding settled.
        reader: Reader of its rows; None for a file of lines, such as TSV, JSON lines or CoNLL.
        json: Whether its lines are JSON objects.
    """

    source: FileSource
    reader: type[TableReader] | None
    json: bool = False

    @classmethod
    def open(cls, path: str, encoding: str = UTF8) -> "Table":
        """Recognise the form of a file, which may be compressed.

        Raises:
            InputError: The file is missing, empty, or of a form that holds no rows.
        """
        source = FileSource(path)
        data, whole = source.head()
        head = Head(path, data, "", whole, None, encoding)
        for reader in _BINARY:
            if reader.recognise(head):
                return cls(source, reader)
        refuse_foreign(head)
        source.encoding = settle_encoding(head.data, encoding, path)
        head = dataclasses.replace(head, text=text_of(head, source.encoding))
        if head.extension in CsvReader.extensions:
            return cls(source, CsvReader)
        if _is_one_json_value(head):
            return cls(source, JsonReader)
        refuse_bare_returns(head)
        return cls(source, None, head.extension in (".json", ".jsonl", ".ndjson"))

    def rows(self) -> Iterator[Row]:
        """Yield place and cells of each row; only for a file with a reader."""
        return self.reader.rows(self.source)

    def lines(self) -> Iterator[tuple[str, str | InputError]]:
        """Yield place and text of each line."""
        with self.source.open() as file:
            yield from lines_of(file, self.source.name)


def _is_one_json_value(head: Head) -> bool:
    """Return whether a file holds an array, or an object around one, not an object a line."""
    if head.extension != ".json":
        return False
    row = first_row(head)
    return row is None or isinstance(row.get("data"), list)

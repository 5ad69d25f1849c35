"""Parquet files."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from kortf.data.formats.arrow import documents_of_batches, fields_of, reason_of, rows_of_batches
from kortf.data.reader import BadRows, Head, Row, Source, StreamReader, TableReader
from kortf.data.table_rows import import_extra
from kortf.errors import InputError

_ROWS = 1000


@dataclass(frozen=True)
class ParquetReader(StreamReader, TableReader):
    """Read some columns of a parquet file; the column `text` unless others are named.

    Example:
        column `text` of a table with the rows "가\\n나" and null -> ["가", "나"]
    """

    title = "parquet"
    extensions = (".parquet",)
    binary = True
    order = 1

    @classmethod
    def recognise(cls, head: Head) -> bool:
        return head.data.startswith(b"PAR1")

    @classmethod
    def create(cls, head: Head) -> "ParquetReader":
        import_extra("pyarrow.parquet", head.name)
        return cls(head.text_fields or ("text",))

    def documents(self, source: Source, bad_rows: BadRows) -> Iterator[list[str]]:
        with _opened(source) as table:
            fields_of(table.schema_arrow, self.fields, source.name)
            batches = table.iter_batches(_ROWS, columns=list(self.fields))
            yield from documents_of_batches(batches, self.fields, source.name, bad_rows)

    @classmethod
    def rows(cls, source: Source) -> Iterator[Row]:
        with _opened(source) as table:
            yield from rows_of_batches(table.iter_batches(_ROWS), source.name)


@contextlib.contextmanager
def _opened(source: Source) -> Iterator:
    parquet = import_extra("pyarrow.parquet", source.name)
    with source.open_seekable() as file:
        try:
            yield parquet.ParquetFile(file, pre_buffer=False)
        except InputError:
            raise
        except Exception as error:  # pyarrow meets a damaged file with errors of any type
            problem = f"not a whole parquet file ({reason_of(error)})"
            raise InputError(source.name, problem, "download it again") from error

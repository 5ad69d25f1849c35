"""Arrow IPC files and streams, as `datasets.save_to_disk` writes them."""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kortf.data.reader import BadRows, Head, Row, Source, StreamReader, TableReader
from kortf.data.table_rows import cell_lines, import_extra
from kortf.errors import InputError

_FILE = b"ARROW1\0\0"
_STREAM = b"\xff\xff\xff\xff"


@dataclass(frozen=True)
class ArrowReader(StreamReader, TableReader):
    """Read some columns of an Arrow file; the column `text` unless others are named.

    Example:
        column `text` of a table with the rows "가\\n나" and null -> ["가", "나"]
    """

    title = "Arrow"
    extensions = (".arrow", ".feather")
    binary = True
    order = 2

    @classmethod
    def recognise(cls, head: Head) -> bool:
        return head.data.startswith((_FILE, _STREAM))

    @classmethod
    def create(cls, head: Head) -> "ArrowReader":
        import_extra("pyarrow.ipc", head.name)
        return cls(head.text_fields or ("text",))

    def documents(self, source: Source, bad_rows: BadRows) -> Iterator[list[str]]:
        with _opened(source) as (schema, batches):
            fields_of(schema, self.fields, source.name)
            selected = (batch.select(list(self.fields)) for batch in batches)
            yield from documents_of_batches(selected, self.fields, source.name, bad_rows)

    @classmethod
    def rows(cls, source: Source) -> Iterator[Row]:
        with _opened(source) as (_, batches):
            yield from rows_of_batches(batches, source.name)


@contextlib.contextmanager
def _opened(source: Source) -> Iterator[tuple]:
    """Yield the schema and the record batches of a file or stream."""
    ipc = import_extra("pyarrow.ipc", source.name)
    with source.open_seekable() as file:
        try:
            is_stream = file.read(4) == _STREAM
            file.seek(0)
            table = ipc.open_stream(file) if is_stream else ipc.open_file(file)
            if is_stream:
                batches = iter(table)
            else:
                count = table.num_record_batches
                batches = (table.get_batch(number) for number in range(count))
            yield table.schema, batches
        except InputError:
            raise
        except Exception as error:  # pyarrow meets a damaged file with errors of any type
            problem = f"not a whole Arrow file ({reason_of(error)})"
            raise InputError(source.name, problem, "write or download it again") from error


def reason_of(error: Exception) -> str:
    """Return type and first line of an error."""
    return f"{type(error).__name__}: {str(error)[:200]}".splitlines()[0]


def fields_of(schema, fields: tuple[str, ...], name: str) -> None:
    """Check that a table has the columns, once each.

    Raises:
        InputError: A column is missing.
    """
    for field in fields:
        if schema.names.count(field) != 1:
            cure = f"name some of {', '.join(schema.names)[:300]} with --text_fields"
            raise InputError(name, f"no column '{field}'", cure)


def documents_of_batches(
    batches: Iterable, fields: tuple[str, ...], name: str, bad_rows: BadRows
) -> Iterator[list[str]]:
    """Yield a document for each row of record batches.

    Args:
        batches: Record batches that have the columns.
        fields: Names of the columns.
        name: Name of the file, for errors.
        bad_rows: Told of rows whose cells hold no text.
    """
    row = 0
    for batch in batches:
        columns = [batch.column(field).to_pylist() for field in fields]
        for cells in zip(*columns, strict=True):
            row += 1
            place = f"{name}, row {row}"
            try:
                document = [
                    line
                    for field, cell in zip(fields, cells, strict=True)
                    for line in cell_lines(cell, place, field)
                ]
            except InputError as error:
                bad_rows.report(error)
                continue
            if document:
                yield document


def rows_of_batches(batches: Iterable, name: str) -> Iterator[Row]:
    """Yield the place and the cells of each row of record batches."""
    number = 0
    for batch in batches:
        for cells in batch.to_pylist():
            number += 1
            yield f"{name}, row {number}", cells

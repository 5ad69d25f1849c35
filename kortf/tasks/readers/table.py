"""Rows of labelled text: published files, and the user's own files in any form."""

from collections.abc import Iterable, Iterator, Sequence

from kortf import files
from kortf.data.reader import Row
from kortf.data.tables import Table
from kortf.errors import InputError
from kortf.lines import read_lines
from kortf.strict_json import parse_json

Lines = Iterable[tuple[str, str | InputError]]


def read_tsv(path: str, columns: Sequence[str], header: bool = True) -> Iterator[Row]:
    """Yield the rows of a tab-separated file. Quotation marks have no special meaning.

    Example: of a file `a.tsv` with the lines `id<TAB>text` and `7<TAB>"좋다`
        >>> list(read_tsv("a.tsv", ["text"]))
        [('a.tsv, line 2', {'id': '7', 'text': '"좋다'})]

    Args:
        path: File in UTF-8, with or without a byte order mark.
        columns: Columns that the header must name, among others and in any order.
        header: False if the header may be missing; the fields are then `columns`.

    Yields:
        `(place, fields by name)`, or an InputError in place of the fields if the line is no row.

    Raises:
        InputError: If the file is missing or empty, or its header lacks a column.
    """
    yield from _tsv_rows(read_lines(path), columns, header)


def _tsv_rows(lines: Lines, columns: Sequence[str], header: bool = True) -> Iterator[Row]:
    names: Sequence[str] = () if header else columns
    for number, (place, line) in enumerate(lines):
        fields = line if isinstance(line, InputError) else line.split("\t")
        if number == 0 and (header or fields == list(columns)):
            names = _header(fields, columns, place)
        elif isinstance(fields, InputError):
            yield place, fields
        elif fields == [""] and len(names) > 1:
            continue  # an empty line holds no row
        elif len(fields) != len(names):
            problem = f"{len(fields)} fields where {len(names)} are expected ({', '.join(names)})"
            yield place, InputError(place, problem, "separate the fields by one tab each")
        else:
            yield place, dict(zip(names, fields, strict=True))


def read_json_array(path: str, columns: Sequence[str]) -> Iterator[Row]:
    """Yield the objects of a JSON array.

    Args:
        path: File in UTF-8.
        columns: Fields that each object must have.

    Yields:
        `(place, object)`, or an InputError in place of the object if the element is no such object.

    Raises:
        InputError: If the file is missing, or is not a JSON array.
    """
    rows = files.read_json(path)
    if not isinstance(rows, list):
        raise InputError(path, "not a JSON array", "name a file in the published form")
    for number, row in enumerate(rows, start=1):
        place = f"{path}, row {number}"
        yield place, _checked(row, columns, place)


def read_table(path: str, columns: Sequence[str], encoding: str = "utf-8") -> Iterator[Row]:
    """Yield the rows of a user's own file in any form that corpora come in.

    TSV and CSV with a header, JSON lines, a JSON array, parquet, Arrow and xlsx; compressed or not.

    Args:
        path: The file.
        columns: Columns that each row must have.
        encoding: Encoding of its text, one of `kortf.data.corpus.encoding.ENCODINGS`.

    Yields:
        `(place, cells by column)`, or an InputError in place of the cells of an unreadable row.

    Raises:
        InputError: The file is missing or empty, or its header lacks a column.
    """
    yield from rows_of_table(Table.open(path, encoding), columns)


def rows_of_table(table: Table, columns: Sequence[str]) -> Iterator[Row]:
    """Yield the rows of an opened file, as `read_table` does."""
    if table.reader is None and not table.json:
        yield from _tsv_rows(table.lines(), columns)
    elif table.reader is None:
        for place, line in table.lines():
            if isinstance(line, InputError):
                yield place, line
            elif line.strip():
                yield place, _object(line, columns, place)
    else:
        for place, row in table.rows():
            yield place, row if isinstance(row, InputError) else _checked(row, columns, place)


def _header(fields: list[str] | InputError, columns: Sequence[str], place: str) -> list[str]:
    if isinstance(fields, InputError):
        raise fields
    for column in columns:
        if column not in fields:
            problem = f"there is no column '{column}' in the header ({', '.join(fields)[:200]})"
            raise InputError(place, problem, "name the columns in the first line, tabs between")
        if fields.count(column) > 1:
            problem = f"{fields.count(column)} columns named '{column}'"
            raise InputError(place, problem, "rename all but one of them")
    return fields


def _object(line: str, columns: Sequence[str], place: str) -> dict | InputError:
    try:
        row = parse_json(line, place, "write one JSON object a line", unique=True)
    except InputError as error:
        return error
    return _checked(row, columns, place)


def _checked(row, columns: Sequence[str], place: str) -> dict | InputError:
    if not isinstance(row, dict):
        return InputError(place, "not a JSON object", "write one JSON object a row")
    for column in columns:
        if column not in row:
            have = ", ".join(row)[:200]
            return InputError(place, f"there is no field '{column}' ({have})", "add the field")
    return row

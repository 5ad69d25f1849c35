"""Tables of labelled text, a row a line: tab-separated under a header, or JSON lines."""

from collections.abc import Iterator, Sequence

from kortf.errors import InputError
from kortf.lines import read_lines
from kortf.strict_json import parse_json

JSON_ENDINGS = (".jsonl", ".json", ".ndjson")

# Where a row stands, and its fields by name, or what is wrong with it.
Row = tuple[str, dict | InputError]


def read_tsv(path: str, columns: Sequence[str], header: bool = True) -> Iterator[Row]:
    """Rows of a tab-separated file. Quotation marks are text like any other: none is undone.

    Example: of a file `a.tsv` with the lines `id<TAB>text` and `7<TAB>"좋다`
        >>> list(read_tsv("a.tsv", ["text"]))
        [('a.tsv, line 2', {'id': '7', 'text': '"좋다'})]

    Args:
        path: the file, UTF-8, a byte order mark at its start or not.
        columns: that its header has to name, among others and in any order.
        header: False if it may be missing; the fields are `columns` then.

    Yields:
        `(place, fields by name)`, or an InputError in place of the fields if the line is no row.

    Raises:
        InputError: the file is missing or empty, or its header lacks a column.
    """
    names: Sequence[str] = () if header else columns
    for number, (place, line) in enumerate(read_lines(path)):
        fields = line if isinstance(line, InputError) else line.split("\t")
        if number == 0 and (header or fields == list(columns)):
            names = _header(fields, columns, place)
        elif isinstance(fields, InputError):
            yield place, fields
        elif len(fields) != len(names):
            problem = f"{len(fields)} fields where {len(names)} are expected ({', '.join(names)})"
            yield place, InputError(place, problem, "separate the fields by one tab each")
        else:
            yield place, dict(zip(names, fields, strict=True))


def read_json_lines(path: str, columns: Sequence[str]) -> Iterator[Row]:
    """Objects of a file of JSON lines; empty lines are passed over.

    Args:
        path: the file, UTF-8.
        columns: that each object has to have.

    Yields:
        `(place, object)`, or an InputError in place of the object if the line is no such object.

    Raises:
        InputError: the file is missing or empty.
    """
    for place, line in read_lines(path):
        if isinstance(line, InputError):
            yield place, line
        elif line.strip():
            yield place, _object(line, columns, place)


def read_table(path: str, columns: Sequence[str]) -> Iterator[Row]:
    """Rows of a file: JSON lines if its name ends like that, else tab-separated."""
    read = read_json_lines if path.endswith(JSON_ENDINGS) else read_tsv
    return read(path, columns)


def _header(fields: list[str] | InputError, columns: Sequence[str], place: str) -> list[str]:
    if isinstance(fields, InputError):
        raise fields
    for column in columns:
        if column not in fields:
            problem = f"there is no column '{column}' in the header ({', '.join(fields)[:200]})"
            raise InputError(place, problem, "name the columns in the first line, tabs between")
    return fields


def _object(line: str, columns: Sequence[str], place: str) -> dict | InputError:
    try:
        row = parse_json(line, place, "write one JSON object a line")
    except InputError as error:
        return error
    if not isinstance(row, dict):
        return InputError(place, "not a JSON object", "write one JSON object a line")
    for column in columns:
        if column not in row:
            have = ", ".join(row)[:200]
            return InputError(place, f"there is no field '{column}' ({have})", "add the field")
    return row

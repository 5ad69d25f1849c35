"""Rows of JSON lines, and their text fields."""

import json
from collections.abc import Iterator

from kortf.data.reader import BadRows, Head, Place, text_lines
from kortf.errors import InputError
from kortf.strict_json import parse_json

_CURE = "write one JSON object a line"


def first_row(head: Head) -> dict | None:
    """Return the object in the first line of a file, None if there is none."""
    line = head.text.lstrip().split("\n", 1)[0]
    if not line.startswith("{"):
        return None
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def rows_of(text: str, place: Place, bad_rows: BadRows) -> Iterator[tuple[int, dict]]:
    """Yield the number of each line that is not blank, and its object.

    Args:
        text: JSON lines.
        place: Names the place of a line.
        bad_rows: Told of lines that hold no JSON object.
    """
    for number, line in enumerate(text.split("\n")):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if isinstance(row, dict):
            yield number, row
        else:
            bad_rows.report(_error_of(line, place(number)))


def _error_of(line: str, place: str) -> InputError:
    try:
        value = parse_json(line, place, _CURE)
    except InputError as error:
        return InputError(place, error.parts[1], _CURE)
    return InputError(place, f"a JSON {type(value).__name__}, not an object", _CURE)


def text_of(row: dict, name: str, place: Place, line: int) -> str:
    """Return the text in a field, as it stands; a null is empty.

    Raises:
        InputError: The field is missing or holds no text.
    """
    if name not in row:
        problem = f"no field '{name}' (it has {', '.join(row)[:200] or 'nothing'})"
        raise InputError(place(line), problem, "name it with --text_fields")
    value = row[name]
    if value is None:
        return ""
    if not isinstance(value, str):
        problem = f"field '{name}' holds a {type(value).__name__}, not text"
        raise InputError(place(line), problem, "name another with --text_fields")
    return value


def lines_of_fields(
    text: str, fields: tuple[str, ...], place: Place, bad_rows: BadRows
) -> Iterator[list[str]]:
    """Yield the lines of the named fields of each row, one field after the other."""
    for line, row in rows_of(text, place, bad_rows):
        try:
            document = []
            for name in fields:
                document += text_lines(text_of(row, name, place, line), bad_rows)
        except InputError as error:
            bad_rows.report(error)
            continue
        if document:
            yield document

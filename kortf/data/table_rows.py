"""Text columns of tables that have typed cells."""

import importlib
from typing import Any

from kortf.data.reader import text_lines
from kortf.errors import InputError


def import_extra(module: str, name: str):
    """Import a library of the extra `tables`.

    Args:
        module: Module to import.
        name: File that needs it, for the message.

    Raises:
        InputError: The library is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        cure = "pip install 'kortf[tables]'"
        raise InputError(name, f"needs {package}, which is not installed", cure) from error


def cell_lines(value: Any, place: str, field: str) -> list[str]:
    """Return the lines of text in a cell; a whole number is text, as `1987` in a spreadsheet.

    Args:
        value: The cell; None is empty, a list holds texts.
        place: Names the row in errors.
        field: Names the column in errors.

    Raises:
        InputError: The cell holds something else.

    Example:
        >>> cell_lines("가\\n나", "a.xlsx, row 2", "text"), cell_lines(1987.0, "", "")
        (['가', '나'], ['1987'])
    """
    if value is None:
        return []
    if isinstance(value, str):
        return text_lines(value)
    if isinstance(value, list | tuple):
        return [line for part in value for line in cell_lines(part, place, field)]
    if isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1:
        return [str(int(value))]
    problem = f"column '{field}' holds a {type(value).__name__}, not text"
    raise InputError(place, problem, "name another with --text_fields, or mend the row")

"""Categories of documents: the field that names them, and the directory of each."""

import json
import re
import unicodedata

from kortf.data.corpus import compression
from kortf.data.corpus.text_file import TextFile
from kortf.errors import InputError

# Each category has an open file while a part is written.
MOST = 500
NONE = "none"
_UNSAFE = re.compile(r"[/\\:*?\"<>|%\x00-\x1f\x7f]|^[.\-_ ~]|[. ]$")
# Names that the output directory itself uses.
_TAKEN = re.compile(r"clean.*|samples.*|none", re.IGNORECASE)


def check_format(file: TextFile, field: str) -> None:
    """Raise InputError when the documents of a file have no fields, or a table lacks this one."""
    if file.format not in ("jsonl", "tsv"):
        problem = f"{file.format} has no field '{field}'"
        raise InputError(file.path, problem, "leave --category_field out, or give jsonl or tsv")
    if file.format == "tsv":
        _column(file, field)


def read_categories(file: TextFile, field: str, start: int, data: bytes) -> list[str | None]:
    """Return the categories of the documents of `file.read_block(start, data)`.

    The block is parsed once more for them.

    Raises:
        InputError: A row lacks the field, or the table lacks the column.

    Example: of `{"text": "가", "category": "육아/교육"}`, `{"text": " "}` and `{"text": "나"}` the
        categories are `육아/교육` and `none`: the second row is no document.
    """
    rows = data.decode("utf-8-sig").split("\n")
    if file.format == "jsonl":
        objects = (json.loads(row) for row in rows if row.strip())
        found = (_values(file, row, field) for row in objects)
    else:
        column = _column(file, field)
        rows = rows[1:] if start == 0 else rows
        split = (row.rstrip("\r").split("\t") for row in rows if row.strip())
        found = ([row[c] for c in (column, *file.columns)] for row in split)
    return [
        _readable(category) or None
        for category, *texts in found
        if any(text.strip() for text in texts)
    ]


def _values(file: TextFile, row: dict, field: str) -> list:
    if field not in row:
        problem = f"a row without the field '{field}' (it has {', '.join(row)})"
        raise InputError(file.path, problem, "name another with --category_field")
    return [row[name] or "" for name in (field, *file.fields)]


def _readable(category) -> str:
    # JSON can spell half a character, which no name can hold.
    name = str(category).strip().encode("utf-8", "replace").decode()
    return unicodedata.normalize("NFC", name)


def _column(file: TextFile, field: str) -> int:
    with compression.open_bytes(file.source or file.path) as stream:
        header = stream.read(1 << 16).decode("utf-8-sig", "replace").split("\n", 1)[0]
    names = header.rstrip("\r").split("\t")
    if field not in names:
        problem = f"no column '{field}' (it has {', '.join(names)})"
        raise InputError(f"{file.path}, line 1", problem, "name one with --category_field")
    return names.index(field)


def _percent(characters: str) -> str:
    return "".join(f"%{byte:02X}" for byte in characters.encode())


def check_number(field: str, number: int) -> None:
    """Raise InputError when a field has too many values to name categories."""
    if number > MOST:
        problem = f"has more than {MOST} values"
        raise InputError(f"--category_field={field}", problem, "name a field of categories")


def directory_name(category: str | None) -> str:
    """Return the directory name of a category, with unsafe characters in percent encoding.

    Names that the output directory uses, such as `clean.json`, are encoded too. Documents without
    a category go to `none`.

    Example:
        >>> directory_name("육아/교육"), directory_name("기타")
        ('육아%2F교육', '기타')
    """
    if category is None:
        return NONE
    name = _UNSAFE.sub(lambda match: _percent(match[0]), category)
    if _TAKEN.fullmatch(name):
        name = _percent(name[0]) + name[1:]
    if len(name.encode()) > 200:
        problem = "is too long for a directory's name"
        raise InputError(f"category '{category[:40]}…'", problem, "name another --category_field")
    return name

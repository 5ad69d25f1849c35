"""Tab-separated tables without quoting."""

from collections.abc import Iterator
from dataclasses import dataclass

from kortf.data.corpus.encoding import not_utf8
from kortf.data.reader import BadRows, BlockReader, Head, Place
from kortf.errors import InputError

_HEAD_LINES = 1000


@dataclass(frozen=True)
class TsvReader(BlockReader):
    """Read rows of tab-separated fields under a header; quotes are characters like any other.

    Args:
        columns: Places of the text fields in a row.
        width: Number of fields in a row.

    Example:
        columns `[1]` of "7\\t재밌다\\t1\\n8\\t별로\\t0\\n" -> ["재밌다"], ["별로"]
    """

    columns: tuple[int, ...] = ()
    width: int = 0

    title = "tab-separated table"
    extensions = (".tsv",)
    order = 50
    header_lines = 1

    @classmethod
    def recognise(cls, head: Head) -> bool:
        if head.extension in cls.extensions:
            return True
        lines = head.text.strip().split("\n")[:_HEAD_LINES]
        width = _table_width(lines)
        if width and not head.text_fields:
            name = lines[0].split("\t")[1]
            cure = f"give --format=tsv --text_fields={name}, or --format=lines"
            raise InputError(head.name, f"looks like a table of {width} columns", cure)
        return bool(width)

    @classmethod
    def create(cls, head: Head) -> "TsvReader":
        header = head.text.lstrip("\r\n").split("\n", 1)[0]
        check_header(head, header)
        names = header.rstrip("\r").split("\t")
        fields = header_fields(head, names)
        return cls(fields, tuple(map(names.index, fields)), len(names))

    def parse(self, text: str, place: Place, bad_rows: BadRows) -> Iterator[list[str]]:
        for number, line in enumerate(text.split("\n")):
            if not line.strip():
                continue
            fields = line.rstrip("\r").split("\t")
            if len(fields) != self.width:
                problem = f"{len(fields)} fields where the header has {self.width}"
                bad_rows.report(InputError(place(number), problem, "mend or remove the row"))
                continue
            document = [part for c in self.columns if (part := fields[c].strip())]
            if document:
                yield document


def check_header(head: Head, header: str) -> None:
    """Refuse a header in another encoding, which would name no column.

    Raises:
        InputError: The first line is not UTF-8, with the likely encoding.
    """
    if "\ufffd" in header:
        try:
            head.data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise not_utf8(head.data, error.start, f"{head.name}, line 1") from error


def header_fields(head: Head, names: list[str], default: str | None = None) -> tuple[str, ...]:
    """Return the text fields of a table.

    Args:
        head: Beginning of the file.
        names: Names in the header.
        default: Field to take if the user names none and the header has it.

    Raises:
        InputError: The header lacks a field, or none is named.
    """
    wanted = head.text_fields or ((default,) if default in names else ())
    for name in wanted or (None,):
        if name not in names or names.count(name) > 1:
            problem = f"no column '{name}'" if name else "a table whose text columns are unknown"
            if name in names:
                problem = f"{names.count(name)} columns named '{name}'"
            cure = f"name some of {', '.join(names)[:300]} with --text_fields"
            raise InputError(f"{head.name}, line 1", problem, cure)
    return tuple(wanted)


def _table_width(lines: list[str]) -> int:
    """Return the number of tab-separated columns, if several lines agree in one above 1."""
    widths = {line.count("\t") + 1 for line in lines if line.strip()}
    width = widths.pop() if len(widths) == 1 else 1
    return width if width > 1 and len(lines) > 3 else 0

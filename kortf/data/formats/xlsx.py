"""Excel workbooks."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from kortf.data.reader import BadRows, Head, Row, Source, StreamReader, TableReader, cells_by_column
from kortf.data.table_rows import cell_lines, import_extra
from kortf.errors import InputError


@dataclass(frozen=True)
class XlsxReader(StreamReader, TableReader):
    """Read some columns of every sheet, named in its first row; `text` unless others are named.

    Example:
        column `text` of a sheet with the rows (id, text), (1, "가\\n나") -> ["가", "나"]
    """

    title = "Excel workbook"
    extensions = (".xlsx",)
    binary = True
    order = 3

    @classmethod
    def recognise(cls, head: Head) -> bool:
        if not head.data.startswith(b"PK\x03\x04"):
            return False
        return head.extension == ".xlsx" or b"xl/workbook.xml" in head.data

    @classmethod
    def create(cls, head: Head) -> "XlsxReader":
        import_extra("openpyxl", head.name)
        return cls(head.text_fields or ("text",))

    def documents(self, source: Source, bad_rows: BadRows) -> Iterator[list[str]]:
        with _sheets(source) as sheets:
            for name, names, rows in sheets:
                columns = self._columns(names, name)
                for place, row in rows:
                    try:
                        document = [
                            line
                            for field, column in zip(self.fields, columns, strict=True)
                            for line in cell_lines(row[column], place, field)
                        ]
                    except InputError as error:
                        bad_rows.report(error)
                        continue
                    if document:
                        yield document

    def _columns(self, names: list[str], name: str) -> list[int]:
        for field in self.fields:
            if names.count(field) != 1:
                shown = ", ".join(filter(None, names))[:300]
                cure = f"name some of {shown} with --text_fields"
                raise InputError(f"{name}, row 1", f"no column '{field}'", cure)
        return [names.index(field) for field in self.fields]

    @classmethod
    def rows(cls, source: Source) -> Iterator[Row]:
        with _sheets(source) as sheets:
            for name, names, rows in sheets:
                by_column = cells_by_column(names, f"{name}, row 1")
                for place, row in rows:
                    if any(cell is not None for cell in row):
                        yield place, by_column([_as_text(cell) for cell in row])


@contextlib.contextmanager
def _sheets(source: Source) -> Iterator[Iterator[tuple[str, list[str], Iterator]]]:
    """Open a workbook: name, header and rows of each sheet that is not empty."""
    openpyxl = import_extra("openpyxl", source.name)
    with source.open_seekable() as file:
        try:
            workbook = openpyxl.load_workbook(file, read_only=True, data_only=True)
            yield _not_empty(workbook, source.name)
        except InputError:
            raise
        except Exception as error:  # openpyxl meets a damaged file with errors of any type
            problem = f"not a whole Excel workbook ({type(error).__name__}: {error})"
            raise InputError(source.name, problem, "save or download it again") from error


def _not_empty(workbook, path: str) -> Iterator[tuple[str, list[str], Iterator]]:
    for sheet in workbook.worksheets:
        name = f"{path}, sheet '{sheet.title}'"
        rows = sheet.iter_rows(values_only=True)
        header = next(rows, None)
        if header is not None and any(cell is not None for cell in header):
            names = [str(cell).strip() if cell is not None else "" for cell in header]
            yield name, names, _numbered(rows, len(names), name)


def _numbered(rows: Iterator[tuple], width: int, name: str) -> Iterator[tuple[str, list]]:
    for number, row in enumerate(rows, start=2):
        yield f"{name}, row {number}", [*row, *[None] * (width - len(row))]


def _as_text(cell) -> str:
    """Return a cell as a spreadsheet shows it: `3`, not `3.0`."""
    if cell is None:
        return ""
    whole = isinstance(cell, float) and cell.is_integer()
    return str(int(cell) if whole else cell)

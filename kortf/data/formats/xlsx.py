"""Excel workbooks."""

from collections.abc import Iterator
from dataclasses import dataclass

from kortf.data.reader import BadRows, Head, Source, StreamReader
from kortf.data.table_rows import cell_lines, import_extra
from kortf.errors import InputError


@dataclass(frozen=True)
class XlsxReader(StreamReader):
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
        openpyxl = import_extra("openpyxl", source.name)
        with source.open_seekable() as file:
            try:
                workbook = openpyxl.load_workbook(file, read_only=True, data_only=True)
                for sheet in workbook.worksheets:
                    name = f"{source.name}, sheet '{sheet.title}'"
                    yield from self._rows(sheet.iter_rows(values_only=True), name, bad_rows)
            except InputError:
                raise
            except Exception as error:  # openpyxl meets a damaged file with errors of any type
                problem = f"not a whole Excel workbook ({type(error).__name__}: {error})"
                raise InputError(source.name, problem, "save or download it again") from error

    def _rows(self, rows: Iterator[tuple], name: str, bad_rows: BadRows) -> Iterator[list[str]]:
        header = next(rows, None)
        if header is None or all(cell is None for cell in header):
            return  # an empty sheet
        names = [str(cell).strip() if cell is not None else "" for cell in header]
        for field in self.fields:
            if names.count(field) != 1:
                shown = ", ".join(filter(None, names))[:300]
                cure = f"name some of {shown} with --text_fields"
                raise InputError(f"{name}, row 1", f"no column '{field}'", cure)
        columns = [names.index(field) for field in self.fields]
        for number, row in enumerate(rows, start=2):
            place = f"{name}, row {number}"
            try:
                document = [
                    line
                    for field, column in zip(self.fields, columns, strict=True)
                    for line in cell_lines(row[column] if column < len(row) else None, place, field)
                ]
            except InputError as error:
                bad_rows.report(error)
                continue
            if document:
                yield document

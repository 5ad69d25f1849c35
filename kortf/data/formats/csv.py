"""Comma-separated tables with quoting (RFC 4180)."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from kortf.data.corpus.blocks import LINE_BYTES
from kortf.data.corpus.sources import buffered
from kortf.data.formats.tsv import check_header, header_fields
from kortf.data.reader import (
    BadRows,
    Head,
    Row,
    Source,
    StreamReader,
    TableReader,
    cells_by_column,
    text_lines,
)
from kortf.errors import InputError


@dataclass(frozen=True)
class CsvReader(StreamReader, TableReader):
    """Read rows under a header; quoted fields may hold commas, quotes and line ends.

    Example:
        field `text` of 'id,text\\n1,"가, 나"\\n' -> ["가, 나"]
    """

    title = "comma-separated table"
    extensions = (".csv",)
    order = 40

    @classmethod
    def recognise(cls, head: Head) -> bool:
        return head.extension in cls.extensions

    @classmethod
    def create(cls, head: Head) -> "CsvReader":
        text = head.text.lstrip("\r\n")
        check_header(head, text.split("\n", 1)[0])
        csv.field_size_limit(LINE_BYTES)
        try:
            names = next(csv.reader(io.StringIO(text, newline="")), [])
        except csv.Error as error:
            cure = "quote the field as RFC 4180 has it"
            raise InputError(f"{head.name}, line 1", f"not CSV ({error})", cure) from error
        return cls(header_fields(head, names, "text"))

    def documents(self, source: Source, bad_rows: BadRows) -> Iterator[list[str]]:
        lines = _lines(source)
        header = next(lines, (1, list(self.fields)))[1]
        for name in self.fields:
            if name not in header:
                cure = "write the columns in the first line"
                raise InputError(f"{source.name}, line 1", f"no column '{name}'", cure)
        columns = [header.index(name) for name in self.fields]
        for number, row in lines:
            if len(row) == len(header):
                document = [line for c in columns for line in text_lines(row[c])]
                if document:
                    yield document
            else:
                bad_rows.report(_wrong_width(row, header, f"{source.name}, line {number}"))

    @classmethod
    def rows(cls, source: Source) -> Iterator[Row]:
        lines = _lines(source)
        number, header = next(lines, (1, []))
        by_column = cells_by_column([n.strip() for n in header], f"{source.name}, line {number}")
        for number, row in lines:
            place = f"{source.name}, line {number}"
            fits = len(row) == len(header)
            yield place, by_column(row) if fits else _wrong_width(row, header, place)


def _lines(source: Source) -> Iterator[tuple[int, list[str]]]:
    """Yield the number of the last line of each row that is not empty, and its fields."""
    csv.field_size_limit(LINE_BYTES)
    with source.open() as stream:
        text = io.TextIOWrapper(buffered(stream), "utf-8-sig", newline="")
        reader = csv.reader(text, strict=True)
        try:
            yield from ((reader.line_num, row) for row in reader if row)
        except csv.Error as error:
            place = f"{source.name}, line {reader.line_num}"
            cure = "quote the field as RFC 4180 has it"
            raise InputError(place, f"not CSV ({error})", cure) from error
        except UnicodeDecodeError as error:
            place = f"{source.name}, behind line {reader.line_num}"
            cure = "give --encoding=cp949, if Excel wrote it"
            raise InputError(place, "not UTF-8", cure) from error


def _wrong_width(row: list[str], header: list[str], place: str) -> InputError:
    problem = f"{len(row)} fields where the header has {len(header)}"
    return InputError(place, problem, "quote fields that hold commas, or remove the row")

"""Comma-separated tables with quoting (RFC 4180)."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from kortf.data.corpus.blocks import LINE_BYTES
from kortf.data.corpus.sources import buffered
from kortf.data.formats.tsv import check_header, header_fields
from kortf.data.reader import BadRows, Head, Source, StreamReader, text_lines
from kortf.errors import InputError


@dataclass(frozen=True)
class CsvReader(StreamReader):
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
        csv.field_size_limit(LINE_BYTES)
        with source.open() as stream:
            text = io.TextIOWrapper(buffered(stream), "utf-8-sig", newline="")
            reader = csv.reader(text, strict=True)
            try:
                header: list[str] = []
                while not header:
                    header = next(reader, list(self.fields))
                for name in self.fields:
                    if name not in header:
                        cure = "write the columns in the first line"
                        raise InputError(f"{source.name}, line 1", f"no column '{name}'", cure)
                columns = [header.index(name) for name in self.fields]
                for row in reader:
                    if len(row) == len(header):
                        document = [line for c in columns for line in text_lines(row[c])]
                        if document:
                            yield document
                    elif row:
                        place = f"{source.name}, line {reader.line_num}"
                        problem = f"{len(row)} fields where the header has {len(header)}"
                        cure = "quote fields that hold commas, or remove the row"
                        bad_rows.report(InputError(place, problem, cure))
            except csv.Error as error:
                place = f"{source.name}, line {reader.line_num}"
                cure = "quote the field as RFC 4180 has it"
                raise InputError(place, f"not CSV ({error})", cure) from error
            except UnicodeDecodeError as error:
                place = f"{source.name}, behind line {reader.line_num}"
                cure = "give --encoding=cp949, if Excel wrote it"
                raise InputError(place, "not UTF-8", cure) from error

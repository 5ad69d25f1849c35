"""Texts of a file that is to be answered: lines, tables with a header, or JSON."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence

from kortf.errors import InputError
from kortf.export.texts import check_text
from kortf.strict_json import parse_json

JSON_ENDINGS = (".jsonl", ".ndjson", ".json")
TABLE_ENDINGS = (".tsv", ".tab")
_PACKED = (".gz", ".xz", ".bz2", ".zst")
# Columns that published Korean files have for each input.
_USUAL = {
    "text": ("text", "document", "sentence", "sentence1", "question1", "comments", "review"),
    "text_pair": ("text_pair", "sentence2", "question2"),
    "question": ("question",),
    "context": ("context",),
}


def _refuse(error: InputError) -> None:
    raise error


@dataclasses.dataclass
class RowReader:
    """Turns the lines of one file into rows of texts.

    Args:
        name: Name of the file; its ending decides on the form of its lines.
        inputs: Names of the model's texts.
        fields: Columns or JSON fields of the texts that the user named; empty for none.
        trained: Columns that the model was trained on; empty if unknown.
        report: Called with the error of a row that cannot be read; by default it raises it.

    Attributes:
        note: One line about a table: which columns are read and which are not; "" otherwise.
    """

    name: str
    inputs: Sequence[str]
    fields: Sequence[str] = ()
    trained: Sequence[str] = ()
    report: Callable[[InputError], None] = _refuse
    note: str = ""

    def __post_init__(self):
        plain = self.name.lower()
        for ending in _PACKED:
            plain = plain.removesuffix(ending)
        if self.fields and len(self.fields) != len(self.inputs):
            problem = f"{len(self.fields)} names for {', '.join(self.inputs)}"
            raise InputError("--text_fields", problem, f"give {len(self.inputs)}")
        self._json, self._table = plain.endswith(JSON_ENDINGS), plain.endswith(TABLE_ENDINGS)
        self._columns: list[str] | None = None
        self._places: list[int] | None = None

    def rows(self, lines: Sequence[str | InputError], first: int) -> Iterator[list[str]]:
        """Return the rows of consecutive lines, of which `first` is the number of the first one.

        Args:
            lines: Decoded lines, or the error of a line that is not text.
            first: Number of the first one.

        Raises:
            InputError: A line is not a row, with its number.
        """
        for number, line in enumerate(lines, start=first):
            place = f"{self.name}, line {number}"
            is_text = isinstance(line, str)
            if number == 1 and is_text and not self._json and self._header(line):
                continue
            try:
                if not is_text:
                    raise line
                row = self._object(line, place) if self._json else self._line(line, place)
                for name, text in zip(self.inputs, row, strict=True):
                    check_text(text, f"{place}, {name}")
            except InputError as error:
                self.report(error)
                continue
            yield row

    def cells(self, rows: Iterable[tuple[str, dict | InputError]]) -> Iterator[list[str]]:
        """Return the texts of rows with named cells.

        Args:
            rows: Place and cells of each row, from `kortf.data.tables`.

        Raises:
            InputError: A row lacks a text, with its place.
        """
        for place, row in rows:
            try:
                if isinstance(row, InputError):
                    raise row
                found = self._cells(place, row)
            except InputError as error:
                self.report(error)
                continue
            yield found

    def _cells(self, place: str, row: dict) -> list[str]:
        names = self._named(list(row))
        if names is None:
            missing = ", ".join(self.fields or self.inputs)
            problem = f"no columns for {missing} ({', '.join(row)[:200]})"
            raise InputError(place, problem, "name them by --text_fields")
        self.note = self.note or self._used(names, list(row))
        for name in names:
            if not isinstance(row[name], str):
                kind = "empty" if row[name] is None else f"a {type(row[name]).__name__}"
                problem = f"column '{name}' is {kind}, not text"
                raise InputError(place, problem, "correct the row, or name other --text_fields")
            check_text(row[name], f"{place}, {name}")
        return [row[name] for name in names]

    def _used(self, names: Sequence[str], columns: Sequence[str]) -> str:
        others = [name for name in columns if name not in names]
        used = f"{self.name}: a table; texts are read from {', '.join(names)}"
        return used + (f", not from {', '.join(others)}" if others else "")

    def _header(self, line: str) -> bool:
        """Read line 1; return whether it is a header."""
        columns = [column.strip() for column in line.split("\t")]
        wanted = self._named(columns)
        several = len(columns) > 1 or self._table or bool(self.fields)
        if wanted is not None and several:
            self._columns, self._places = columns, [columns.index(name) for name in wanted]
            self.note = self._used(wanted, columns)
            return True
        if self.fields:
            missing = next(name for name in self.fields if name not in columns)
            problem = f"the header has no column '{missing}' ({', '.join(columns)[:200]})"
            raise InputError(f"{self.name}, line 1", problem, "name its columns by --text_fields")
        if len(columns) > len(self.inputs) and (self._table or len(columns) > 2):
            problem = f"{len(columns)} columns, and no header that names the texts"
            cure = "add a header and name the columns of the texts by --text_fields"
            raise InputError(f"{self.name}, line 1", problem, cure)
        return False

    def _named(self, columns: list[str]) -> list[str] | None:
        """Columns of the inputs, by the names given, trained or usual; None if one is missing."""
        usual = [
            next((name for name in _USUAL.get(i, (i,)) if name in columns), None)
            for i in self.inputs
        ]
        choices = [self.fields] if self.fields else [self.trained, self.inputs, usual]
        for names in choices:
            if names and all(name in columns for name in names):
                return list(names)
        return None

    def _line(self, line: str, place: str) -> list[str]:
        fields = line.split("\t")
        if self._columns is not None:
            if len(fields) != len(self._columns):
                problem = f"expected {len(self._columns)} tab-separated fields, got {len(fields)}"
                raise InputError(place, problem, "separate the fields by one tab each")
            return [fields[i] for i in self._places]
        if len(self.inputs) == 1:
            return [line]
        if len(fields) != len(self.inputs):
            expected = f"{len(self.inputs)} ({', '.join(self.inputs)})"
            problem = f"expected {expected} tab-separated fields, got {len(fields)}"
            raise InputError(place, problem, "separate them by one tab")
        return fields

    def _object(self, line: str, place: str) -> list[str]:
        cure = f"write an object with {', '.join(self.fields or self.inputs)}"
        row = parse_json(line, place, cure)
        names = self._named(list(row)) if isinstance(row, dict) else None
        if names is None or not all(isinstance(row[name], str) for name in names):
            wanted = ", ".join(self.fields or self.inputs)
            raise InputError(place, f"not an object with the texts {wanted}", cure)
        return [row[name] for name in names]

"""Texts of a file that is to be answered: lines, tables with a header, or JSON lines."""

import dataclasses
from collections.abc import Iterator, Sequence

from kortf.errors import InputError
from kortf.export.texts import check_text
from kortf.strict_json import parse_json

JSON_ENDINGS = (".jsonl", ".ndjson", ".json")
TABLE_ENDINGS = (".tsv", ".tab")
_PACKED = (".gz", ".xz", ".bz2", ".zst")
_OTHER = (".csv", ".parquet", ".xlsx", ".xls", ".arrow", ".feather")
# Columns that published Korean files have for each input.
_USUAL = {
    "text": ("text", "document", "sentence", "sentence1", "question1", "comments", "review"),
    "text_pair": ("text_pair", "sentence2", "question2"),
    "question": ("question",),
    "context": ("context",),
}


@dataclasses.dataclass
class RowReader:
    """Turns the lines of one file into rows of texts.

    Args:
        name: Name of the file; its ending decides on the form.
        inputs: Names of the model's texts.
        fields: Columns or JSON fields of the texts that the user named; empty for none.
        trained: Columns that the model was trained on; empty if unknown.

    Attributes:
        note: One line about a table: which columns are read and which are not; "" otherwise.

    Raises:
        InputError: The ending is of a form that is not read here.
    """

    name: str
    inputs: Sequence[str]
    fields: Sequence[str] = ()
    trained: Sequence[str] = ()
    note: str = ""

    def __post_init__(self):
        plain = self.name.lower()
        for ending in _PACKED:
            plain = plain.removesuffix(ending)
        if plain.endswith(_OTHER):
            problem = f"files of the form {plain[plain.rindex('.') :]} are not read here"
            raise InputError(self.name, problem, "convert it to .tsv with a header, or to .jsonl")
        if self.fields and len(self.fields) != len(self.inputs):
            problem = f"{len(self.fields)} names for {', '.join(self.inputs)}"
            raise InputError("--text_fields", problem, f"give {len(self.inputs)}")
        self._json, self._table = plain.endswith(JSON_ENDINGS), plain.endswith(TABLE_ENDINGS)
        self._columns: list[str] | None = None
        self._places: list[int] | None = None

    def rows(self, lines: Sequence[str], first: int) -> Iterator[list[str]]:
        """Return the rows of consecutive lines, of which `first` is the number of the first one.

        Raises:
            InputError: A line is not a row, with its number.
        """
        for number, line in enumerate(lines, start=first):
            place = f"{self.name}, line {number}"
            if number == 1 and not self._json and self._header(line):
                continue
            row = self._object(line, place) if self._json else self._line(line, place)
            for name, text in zip(self.inputs, row, strict=True):
                check_text(text, f"{place}, {name}")
            yield row

    def _header(self, line: str) -> bool:
        """Read line 1; return whether it is a header."""
        columns = [column.strip() for column in line.split("\t")]
        wanted = self._named(columns)
        several = len(columns) > 1 or self._table or bool(self.fields)
        if wanted is not None and several:
            self._columns, self._places = columns, [columns.index(name) for name in wanted]
            others = [name for name in columns if name not in wanted]
            used = f"{self.name}: a table; texts are read from {', '.join(wanted)}"
            self.note = used + (f", not from {', '.join(others)}" if others else "")
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

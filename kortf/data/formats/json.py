"""JSON in one value: an array of rows, or an object around them, as AI Hub publishes it."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kortf.data.json_rows import first_row
from kortf.data.json_stream import Element, JsonStream
from kortf.data.reader import BadRows, Head, Row, Source, StreamReader, TableReader, text_lines
from kortf.errors import InputError

# Fields that hold text in published corpora, the likeliest first.
_TEXT_NAMES = (
    "text", "form", "formSentence", "sentence", "content", "contents", "body", "passage",
    "context", "utterance", "document", "본문", "내용", "문장",
)  # fmt: skip
# Arrays whose elements are parts of one document, not documents.
_PART = re.compile(
    r"(?:^|\.)(?:paragraphs?|sentences?|utterances?|dialogs?|dialogues?|turns?|lines?|"
    r"conversations?|body)\[\]$",
    re.IGNORECASE,
)
_ROWS_TO_LOOK_AT = 20


@dataclass(frozen=True)
class JsonReader(StreamReader, TableReader):
    """Read the texts under some names in one JSON value.

    Each element of an outermost array is a document, except where the array is named for parts of
    one: `paragraph`, `sentences`, `utterance`, `dialogue` …. A field is the name of a key at any
    depth, or a whole path such as `data[].paragraph[].text`. Without `--text_fields` the likeliest
    name is taken, and named in the summary.

    Example:
        fields `title, text` of '[{"text": "가", "title": "제목"}, {"text": "나", "title": ""}]' ->
        ["제목", "가"], ["나"]
    """

    title = "JSON"
    extensions = (".json",)
    order = 29

    @classmethod
    def recognise(cls, head: Head) -> bool:
        text = head.text.lstrip()
        if re.match(r"\[\s*(?:\{\s*\"|\[)", text):
            return True
        if head.extension == ".json":
            row = first_row(head)
            one_line = "\n" not in text.strip()
            return row is None or (one_line and not _is_flat(row, head.text_fields))
        if not text.startswith("{") or head.extension in (".jsonl", ".ndjson"):
            return False
        if re.match(r"\{\s*\n", text):
            return True
        return head.whole and "\n" not in text.strip() and _has_rows(first_row(head))

    @classmethod
    def create(cls, head: Head) -> "JsonReader":
        if head.text_fields:
            return cls(head.text_fields)
        names: dict[str, None] = {}
        for element in _first_elements(head):
            names.update(dict.fromkeys(path for path, text in _texts(element) if text.strip()))
        keys = {re.split(r"[.\[]", path.removesuffix("[]"))[-1] for path in names}
        for name in _TEXT_NAMES:
            if name in keys:
                return cls((name,))
        shown = ", ".join(list(names)[:20]) or "no text in its first rows"
        cure = f"name some of its fields with --text_fields ({shown})"
        raise InputError(head.name, "JSON whose text fields are unknown", cure)

    def documents(self, source: Source, bad_rows: BadRows) -> Iterator[list[str]]:
        together: list[str] = []
        found = False
        with source.open() as stream:
            for element in JsonStream(stream, source.name):
                is_row = element.path.endswith("[]") and not _PART.search(element.path)
                try:
                    lines = self._lines(element, bad_rows)
                except InputError as error:
                    bad_rows.report(error)
                    continue
                if lines is None:
                    if is_row and isinstance(element.value, dict):
                        bad_rows.report(self._missing(element))
                    continue
                found = True
                if not is_row:
                    together += lines
                elif lines:
                    yield lines
        if together:
            yield together
        if not found and not bad_rows.count:
            problem = f"no field {' or '.join(self.fields)}"
            raise InputError(source.name, problem, "name others with --text_fields")

    @classmethod
    def rows(cls, source: Source) -> Iterator[Row]:
        """Yield the objects of one array: the value itself, or one that an object holds."""
        path = None
        with source.open() as stream:
            for element in JsonStream(stream, source.name):
                if not element.path.endswith("[]"):
                    continue  # beside the array, such as a version
                path = path or element.path
                if element.path != path:
                    problem = f"rows in two arrays, {path} and {element.path}"
                    raise InputError(element.place, problem, "keep one of them")
                is_row = isinstance(element.value, dict)
                problem = InputError(element.place, "not a JSON object", "write an object a row")
                yield element.place, element.value if is_row else problem
        if path is None:
            raise InputError(source.name, "no array of rows", "write an array of objects")

    def _lines(self, element: Element, bad_rows: BadRows) -> list[str] | None:
        """Return the lines of the fields in an element, None if it has none of them."""
        if isinstance(element.value, dict) and all(name in element.value for name in self.fields):
            values = [element.value[name] for name in self.fields]
            if all(value is None or isinstance(value, str) for value in values):
                return [line for value in values for line in text_lines(value or "", bad_rows)]
        found = [text for path, text in _texts(element) if self._wanted(path)]
        if found:
            return [line for text in found for line in text_lines(text, bad_rows)]
        if isinstance(element.value, str) and element.path == "[]" and "text" in self.fields:
            return text_lines(element.value, bad_rows)
        for name in self.fields:
            if isinstance(element.value, dict) and element.value.get(name) is not None:
                kind = type(element.value[name]).__name__
                problem = f"field '{name}' holds a {kind}, not text"
                raise InputError(element.place, problem, "name another with --text_fields")
            if isinstance(element.value, dict) and name in element.value:
                return []
        return None

    def _wanted(self, path: str) -> bool:
        plain = path.removesuffix("[]")
        return any(
            field in (path, plain) or plain.endswith("." + field) or plain == f"[].{field}"
            for field in self.fields
        )

    def _missing(self, element: Element) -> InputError:
        has = ", ".join(element.value)[:200] or "nothing"
        problem = f"no field {' or '.join(self.fields)} (it has {has})"
        return InputError(element.place, problem, "name it with --text_fields")


def _texts(element: Element) -> Iterator[tuple[str, str]]:
    """Yield path and text of every string in an element, in their order."""
    # Not recursive: an element may be nested as deep as the interpreter allows.
    left: list[tuple[str, Any]] = [(element.path, element.value)]
    while left:
        path, value = left.pop()
        if isinstance(value, str):
            yield path, value
        elif isinstance(value, list):
            left += [(path + "[]", part) for part in reversed(value)]
        elif isinstance(value, dict):
            parts = reversed(value.items())
            left += [(f"{path}.{name}" if path else name, part) for name, part in parts]


def _first_elements(head: Head) -> list[Element]:
    """Return the first elements; the head may break off inside one."""
    found = []
    try:
        for element in JsonStream(io.BytesIO(head.text.encode("utf-8", "replace")), head.name):
            found.append(element)
            if len(found) == _ROWS_TO_LOOK_AT * 5:
                break
    except InputError:
        if head.whole and not found:
            raise
    return found


def _is_flat(row: dict, text_fields: tuple[str, ...] | None) -> bool:
    """Return whether a row alone in its file can be read as JSON lines."""
    return all(isinstance(row.get(name), str) for name in text_fields or ("text",))


def _has_rows(row: dict | None) -> bool:
    if row is None:
        return False
    parts = [part for value in row.values() if isinstance(value, dict) for part in value.values()]
    lists = [value for value in [*row.values(), *parts] if isinstance(value, list)]
    return any(isinstance(value[0], dict) for value in lists if value)

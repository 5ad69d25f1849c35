"""모두의 말뭉치: news, written, web, spoken and messenger corpora of the NIKL."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from kortf.data.json_stream import JsonStream
from kortf.data.reader import BadRows, Head, Source, StreamReader, text_lines
from kortf.errors import InputError

_DOCUMENT = re.compile(r'"document"\s*:\s*\[')
_UNITS = ("paragraph", "utterance", "sentence")


@dataclass(frozen=True)
class ModuReader(StreamReader):
    """Read the `form` of paragraphs, and of utterances: turns of one speaker in a row are one line.

    Example:
        '{"document": [{"utterance": [{"form": "네", "speaker_id": "1"},
        {"form": "맞아요", "speaker_id": "1"}, {"form": "그래요?", "speaker_id": "2"}]}]}' ->
        ["네 맞아요", "그래요?"]
    """

    title = "JSON of 모두의 말뭉치"
    extensions = (".json",)
    order = 10

    @classmethod
    def recognise(cls, head: Head) -> bool:
        if head.text_fields or not head.text.lstrip().startswith("{"):
            return False
        return bool(_DOCUMENT.search(head.text)) and _first_document(head) is not None

    def documents(self, source: Source, bad_rows: BadRows) -> Iterator[list[str]]:
        with source.open() as stream:
            for element in JsonStream(stream, source.name):
                if element.path != "document[]":
                    continue  # metadata of the corpus
                try:
                    document = _lines(element.value, element.place, bad_rows)
                except InputError as error:
                    bad_rows.report(error)
                    continue
                if document:
                    yield document


def _first_document(head: Head) -> dict | None:
    """Return the first document if it has the form of this corpus.

    One that is longer than the head is judged by its beginning.
    """
    try:
        for element in JsonStream(io.BytesIO(head.text.encode("utf-8", "replace")), head.name):
            if element.path == "document[]":
                value = element.value
                return value if isinstance(value, dict) and set(value) & set(_UNITS) else None
    except InputError:
        units = "|".join(_UNITS)
        found = re.search(rf'"(?:{units})"\s*:\s*\[\s*\{{', head.text)
        return {} if found and not head.whole else None
    return None


def _lines(document: dict, place: str, bad_rows: BadRows) -> list[str]:
    units = [name for name in _UNITS if isinstance(document, dict) and document.get(name)]
    if not units:
        known = isinstance(document, dict) and set(document) & set(_UNITS)
        if known:  # an empty list: a document without text
            return []
        problem = f"a document without any of {', '.join(_UNITS)}"
        raise InputError(place, problem, "give --format=json and --text_fields")
    if not isinstance(document[units[0]], list):
        raise InputError(place, f"'{units[0]}' is not a list", "mend the document")
    if units[0] == "utterance":
        return _turns(document["utterance"], place, bad_rows)
    return [
        line for unit in document[units[0]] for line in text_lines(_form(unit, place), bad_rows)
    ]


def _turns(utterances: list, place: str, bad_rows: BadRows) -> list[str]:
    """Return a line for each turn: utterances of one speaker in a row, joined by spaces."""
    lines: list[str] = []
    before = None
    for utterance in utterances:
        words = " ".join(text_lines(_form(utterance, place), bad_rows))
        speaker = utterance.get("speaker_id")
        if not words:
            continue
        if lines and speaker is not None and speaker == before:
            lines[-1] += " " + words
        else:
            lines.append(words)
        before = speaker
    return lines


def _form(unit, place: str) -> str:
    form = unit.get("form") if isinstance(unit, dict) else None
    if form is None and isinstance(unit, dict) and "form" in unit:
        return ""
    if not isinstance(form, str):
        raise InputError(place, "a paragraph or utterance without 'form'", "mend the document")
    return form

"""Entities in the user's own files: JSON rows, or a token and its tag a line.

Rows, in JSON lines, a JSON array, parquet or Arrow, have one of these forms:

- `{"text": …, "entities": [{"start": 0, "end": 2, "label": "PS"}]}`, positions in characters;
- `{"text": …, "label": [[0, 2, "PS"]]}`, or `entities` with `start_offset` and `end_offset`, as
  doccano exports them;
- `{"data": {"text": …}, "annotations": [{"result": [{"value": {…}}]}]}`, as Label Studio exports
  it, or its smaller form (JSON-MIN);
- `{"tokens": […], "tags": […]}`.

Other files hold a token and its tag a line, separated by a tab or spaces, and an empty line between
sentences, as in CoNLL-2003. The first and the last of several columns count; numbers of the lines
in front of the words are left out, and so are `-DOCSTART-` lines. Where tokens are single
characters, spaces among them, they are joined without spaces.

Tags in IOB1, IOE, BIOES, BILOU and BMES are converted to IOB2.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from kortf import files
from kortf.data.tables import Table
from kortf.errors import InputError
from kortf.metrics.entity_f1 import entities
from kortf.tasks.kinds.tagging import TaggingTask
from kortf.tasks.readers.blocks import read_blocks
from kortf.tasks.readers.names import class_names
from kortf.tasks.readers.schemes import OUTSIDE, check_tag, convert
from kortf.tasks.readers.spans import read_spans
from kortf.tasks.readers.table import rows_of_table
from kortf.tasks.readers.tags import of_characters, tagged_words, tags_of_entities
from kortf.text.unicode.normalize import normalize

DOCUMENT_START = "-DOCSTART-"


class _Lines(NamedTuple):
    """Lines of a sentence with their places, what joins its tokens, and the column of these."""

    lines: list[tuple[str, str]]
    between: str
    column: int


class _Tokens(NamedTuple):
    """Tokens and tags of a JSON row, still unchecked, and what joins the tokens."""

    words: Any
    tags: Any
    between: str = " "


class TokenClassification(TaggingTask):
    """Entities in own files, scored by the F1 of entities.

    Args:
        entity_labels: Labels of entities; a sequence, or commas between; by default the labels of
            the train part.
        settings: As in `TaggingTask`.
    """

    name = "token_classification"
    any_form = True
    train_file = "train.jsonl"
    test_file = "test.jsonl"

    def __init__(self, entity_labels: str | Sequence[str] = (), **settings):
        super().__init__(**settings)
        self.entity_labels = class_names(entity_labels, "entity_labels")
        self._numbered: dict[str, int] = {}

    def rows(self, path: str) -> Iterator[tuple]:
        table = Table.open(path, self.encoding)
        if table.reader is not None or table.json:
            yield from _rows_with_tokens(list(rows_of_table(table, ())))
            return
        blocks = list(_without_document_starts(read_blocks(path, table.lines())))
        column = int(all(_is_numbered(_usable(rows)) for _, rows in blocks))
        self._numbered[path] = column
        words = (_fields(line) for _, rows in blocks for _, line in _usable(rows))
        between = _between(fields[column] for fields in words if len(fields) > column)
        for place, rows in blocks:
            yield place, rows if isinstance(rows, InputError) else _Lines(rows, between, column)

    def example(self, row, place: str) -> dict | None:
        places: Iterable[str] = itertools.repeat(place)
        if isinstance(row, _Lines):
            places = [where for where, _ in row.lines]
            example = self._words(*self._columns(row.lines, row.column), place, row.between)
        elif isinstance(row, _Tokens) or "tokens" in row:
            row = row if isinstance(row, _Tokens) else _Tokens(row["tokens"], row.get("tags"))
            if row.words == [DOCUMENT_START]:
                return None
            example = self._words(row.words, row.tags, place, row.between)
        else:
            example = _example_of_spans(*read_spans(row, place), place)
        numbered = enumerate(zip(example["tags"], places, strict=False), start=1)
        for unit, (tag, where) in numbered:
            check_tag(tag, unit, where)
            if self.entity_labels and tag != OUTSIDE and tag[2:] not in self.entity_labels:
                problem = f"label '{tag[2:]}' of unit {unit} is unknown"
                raise InputError(where, problem, f"write one of {', '.join(self.entity_labels)}")
        return example

    def finish(self, examples: list[dict], path: str) -> list[dict]:
        found = convert([example["tags"] for example in examples], path)
        moved: Counter = Counter()
        for example, tags in zip(examples, found.rows, strict=True):
            example["tags"] = tags
            moved.update(_fit_to_visible(example))
        repairs = {
            "tagging scheme, converted to IOB2": found.scheme if found.scheme != "IOB2" else 0,
            "tags that break the scheme, repaired": found.repaired,
            "entities whose ends were moved to visible characters": moved[True],
            "entities without a visible character, left out": moved[False],
            "sentences with numbered lines, the words in the second column": (
                len(examples) if self._numbered.get(path) else 0
            ),
        }
        self.repairs[path] |= {name: value for name, value in repairs.items() if value}
        return examples

    def adapt(self, examples: Sequence[dict]) -> None:
        if self.entity_labels:
            return
        found = {tag[2:] for example in examples for tag in example["tags"] if tag != OUTSIDE}
        if not found:
            problem = f"there is no entity in {self.train_file}"
            raise InputError("config.task.train_file", problem, "name the file with the entities")
        self.entity_labels = tuple(sorted(found))

    def write_predictions(self, path: str, found: dict, examples) -> str:
        path += ".jsonl"
        columns = [found[name].tolist() for name in ("start", "end", "label", "score")]
        answers = (
            {"text": example["text"], "entities": _entities(*rows)}
            for example, *rows in zip(examples, *columns, strict=True)
        )
        files.write_json_lines(path, answers)
        return path

    def settings(self) -> dict:
        return {"entity_labels": list(self.entity_labels)} | super().settings()

    @staticmethod
    def _columns(block: list[tuple[str, str]], column: int) -> tuple[list[str], list[str]]:
        words, tags = [], []
        for place, line in block:
            fields = _fields(line)[column:]
            if len(fields) < 2 or not fields[0]:
                raise InputError(place, "not a word and its tag", "separate them by a tab")
            words.append(fields[0])
            tags.append(fields[-1])
        return words, tags

    @staticmethod
    def _words(words, tags, place: str, between: str = " ") -> dict:
        for name, values in (("tokens", words), ("tags", tags)):
            if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
                raise InputError(place, f"'{name}' is not a list of strings", "write one")
        if not words or not all(words):
            raise InputError(place, "a token is empty", "write a word for each tag")
        return tagged_words(words, tags, place, "token", between)


def _example_of_spans(text: str, spans: list[tuple[int, int, str]], place: str) -> dict:
    """Tag the characters of a text.

    Raises:
        InputError: Two spans overlap.
    """
    for (start, end, label), (later, stop, other) in itertools.pairwise(spans):
        if later < end:
            problem = f"entities {start}-{end} {label} and {later}-{stop} {other} overlap"
            raise InputError(place, problem, "keep one of them: each character has one tag")
    units = of_characters(text)
    return {"text": text, "units": units, "tags": tags_of_entities(units, spans)}


def _fit_to_visible(example: dict) -> Iterator[bool]:
    """Move the ends of entities to visible units, and yield whether each that changed has one.

    A unit of white space or zero-width characters has no token that could have its tag.
    """
    tags = example["tags"]

    def hidden(i: int) -> bool:
        start, end = example["units"][i]
        return not normalize(example["text"][start:end], False).strip()

    for label, first, stop in entities(tags):
        begin, end = first, stop
        while begin < end and hidden(begin):
            begin += 1
        while begin < end and hidden(end - 1):
            end -= 1
        if (begin, end) == (first, stop):
            continue
        tags[first:stop] = [OUTSIDE] * (stop - first)
        tags[begin:end] = [f"{'I' if i else 'B'}-{label}" for i in range(end - begin)]
        yield begin < end


def _fields(line: str) -> list[str]:
    return line.split("\t") if "\t" in line else re.split(" +", line.rstrip(" "))


def _is_numbered(lines: Sequence[tuple[str, str]]) -> bool:
    """Return whether the first of at least three columns numbers the lines of a sentence from 1."""
    rows = [_fields(line) for _, line in lines]
    return all(len(row) > 2 and row[0] == str(i) for i, row in enumerate(rows, start=1))


def _between(words: Iterable[str]) -> str:
    """Return what joins tokens: nothing where all are single characters, spaces among them."""
    words = list(words)
    return "" if " " in words and all(len(word) == 1 for word in words) else " "


def _rows_with_tokens(rows: list[tuple]) -> Iterator[tuple]:
    """Yield rows, those with `tokens` as `_Tokens`."""
    lists = [row.get("tokens") for _, row in rows if isinstance(row, dict)]
    lists = [each for each in lists if isinstance(each, list) and each != [DOCUMENT_START]]
    words = (word for each in lists for word in each)
    between = _between(str(word) for word in words)
    for place, row in rows:
        if isinstance(row, dict) and "tokens" in row:
            row = _Tokens(row["tokens"], row.get("tags"), between)
        yield place, row


def _usable(rows: list | InputError) -> list:
    return [] if isinstance(rows, InputError) else rows


def _without_document_starts(blocks) -> Iterator[tuple]:
    for place, rows in blocks:
        if isinstance(rows, InputError):
            yield place, rows
            continue
        rows = [row for row in rows if _fields(row[1])[0] != DOCUMENT_START]
        if rows:
            yield rows[0][0], rows


def _entities(starts: list, ends: list, labels: list, scores: list) -> list[dict]:
    rows = zip(starts, ends, labels, scores, strict=True)
    return [
        {"start": start, "end": end, "label": label.decode(), "score": round(score, 6)}
        for start, end, label, score in rows
        if label
    ]

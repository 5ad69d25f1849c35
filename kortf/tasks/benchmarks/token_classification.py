"""Entities in the user's own files: JSON rows, or a token and its tag a line.

Rows, in JSON lines, a JSON array, parquet or Arrow, have one of these forms:

- `{"text": …, "entities": [{"start": 0, "end": 2, "label": "PS"}]}`, positions in characters;
- `{"text": …, "label": [[0, 2, "PS"]]}`, or `entities` with `start_offset` and `end_offset`, as
  doccano exports them;
- `{"data": {"text": …}, "annotations": [{"result": [{"value": {…}}]}]}`, as Label Studio exports
  it, or its smaller form (JSON-MIN);
- `{"tokens": […], "tags": […]}`.

Other files hold a token and its tag a line, separated by a tab or spaces, and an empty line between
sentences, as in CoNLL-2003. The first and the last of several columns count, and `-DOCSTART-` lines
are skipped. Where tokens are single characters, spaces among them, they are joined without spaces.

Tags in IOB1, BIOES, BILOU and BMES are converted to IOB2.
"""

import itertools
import re
from collections.abc import Iterator, Sequence

from kortf import files
from kortf.data.tables import Table
from kortf.errors import InputError
from kortf.tasks.kinds.tagging import TaggingTask
from kortf.tasks.readers.blocks import read_blocks
from kortf.tasks.readers.names import listed
from kortf.tasks.readers.schemes import OUTSIDE, check_tag, convert
from kortf.tasks.readers.spans import read_spans
from kortf.tasks.readers.table import rows_of_table
from kortf.tasks.readers.tags import of_characters, tagged_words, tags_of_entities
from kortf.text.unicode.normalize import normalize

DOCUMENT_START = "-DOCSTART-"


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
        self.entity_labels = listed(entity_labels)

    def rows(self, path: str) -> Iterator[tuple]:
        table = Table.open(path, self.encoding)
        if table.reader is not None or table.json:
            yield from rows_of_table(table, ())
            return
        blocks = list(_without_document_starts(read_blocks(path, table.lines())))
        words = [_fields(line)[0] for _, rows in blocks for _, line in _usable(rows)]
        by_character = " " in words and all(len(word) == 1 for word in words)
        for place, rows in blocks:
            between = "" if by_character else " "
            yield place, rows if isinstance(rows, InputError) else (rows, between)

    def example(self, row, place: str) -> dict:
        if isinstance(row, tuple):
            example = self._words(*self._columns(row[0]), place, row[1])
        elif "tokens" in row:
            example = self._words(row["tokens"], row.get("tags"), place)
        else:
            example = _example_of_spans(*read_spans(row, place), place)
        for unit, tag in enumerate(example["tags"], start=1):
            check_tag(tag, unit, place)
            if self.entity_labels and tag != OUTSIDE and tag[2:] not in self.entity_labels:
                problem = f"label '{tag[2:]}' of unit {unit} is unknown"
                raise InputError(place, problem, f"write one of {', '.join(self.entity_labels)}")
        return example

    def finish(self, examples: list[dict], path: str) -> list[dict]:
        found = convert([example["tags"] for example in examples], path)
        moved = 0
        for example, tags in zip(examples, found.rows, strict=True):
            example["tags"] = tags
            moved += _move_begins(example)
        repairs = {
            "tagging scheme, converted to IOB2": found.scheme if found.scheme != "IOB2" else 0,
            "I- without a begin, read as B-": found.repaired,
            "entity begins moved to the next visible unit": moved,
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
    def _columns(block: list[tuple[str, str]]) -> tuple[list[str], list[str]]:
        words, tags = [], []
        for place, line in block:
            fields = _fields(line)
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


def _move_begins(example: dict) -> int:
    """Move the begin of entities to their first visible unit; return how many were moved.

    A unit of white space or zero-width characters has no token that could have its tag.
    """
    tags, moved = example["tags"], 0
    for i, ((start, end), tag) in enumerate(zip(example["units"], tags, strict=True)):
        if tag[0] == "B" and not normalize(example["text"][start:end], False).strip():
            tags[i] = OUTSIDE
            moved += 1
            if i + 1 < len(tags) and tags[i + 1] == f"I{tag[1:]}":
                tags[i + 1] = tag
    return moved


def _fields(line: str) -> list[str]:
    return line.split("\t") if "\t" in line else re.split(" +", line.rstrip(" "))


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

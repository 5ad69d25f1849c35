"""Sentences with entities, from any of the forms in which they are published or predicted."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kortf import files
from kortf.metrics.entity_f1 import entities, usual_tag
from kortf.report.errors.gold import NoGold

JSON_LINES = (".jsonl", ".ndjson")
COMMENT = "## "


@dataclass(frozen=True)
class Tagged:
    """A sentence.

    Attributes:
        text: of it.
        entities: `(first character, end, label)` of each.
    """

    text: str
    entities: frozenset[tuple[int, int, str]]


def read_tagged(path: str) -> list[Tagged]:
    """Sentences of a file: JSON lines, a unit and its tag a line, or a sentence a line.

    Raises:
        NoGold: the file is in another form.
    """
    try:
        if path.endswith(JSON_LINES):
            return [_of_object(json.loads(line)) for line in read_lines(path) if line.strip()]
        return [_of_units(*block) for block in _blocks(read_lines(path))]
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise NoGold(f"{path} is in no known form of sentences with entities") from error


def read_words_and_tags(words: Sequence[str], tags: Sequence[str]) -> list[Tagged]:
    """Sentences of lines of words and lines of tags; empty lines are passed over.

    Example:
        >>> read_words_and_tags(["서울 에"], ["B-LOC O"])
        [Tagged(text='서울 에', entities=frozenset({(0, 2, 'LOC')}))]

    Raises:
        NoGold: there are not as many tags as words.
    """
    try:
        pairs = list(
            zip([w for w in words if w.split()], [t for t in tags if t.split()], strict=True)
        )
        return [_of_units(" ", one.split(), two.split()) for one, two in pairs]
    except ValueError as error:
        raise NoGold(
            "the predictions have not as many tags as the scored file has words"
        ) from error


def read_lines(path: str) -> list[str]:
    """Lines of a text file, without their ends."""
    with files.open_file(path) as file:
        text = file.read().decode("utf-8-sig", errors="replace")
    return [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]


def _blocks(lines: Sequence[str]) -> Iterator[tuple[str, list[str], list[str]]]:
    """What stands between units, the units, their tags: of each sentence."""
    if "" not in lines:
        for line in lines:
            words, tags = line.split("\t")
            yield " ", words.split(), tags.split()
        return
    units, tags = [], []
    for line in [*lines, ""]:
        if line and not line.startswith(COMMENT):
            unit, _, tag = line.rpartition("\t")
            units.append(unit.rpartition("\t")[2])  # behind a number, if there is one
            tags.append(tag)
        elif not line and units:
            # Characters, white space among them, stand side by side; words do not.
            yield "" if all(len(unit) == 1 for unit in units) else " ", units, tags
            units, tags = [], []


def _of_object(row: dict) -> Tagged:
    if "tokens" in row:
        return _of_units(" ", row["tokens"], row["tags"])
    spans = ((e["start"], e["end"], e["label"]) for e in row["entities"])
    return Tagged(row["text"], frozenset(spans))


def _of_units(between: str, units: Sequence[str], tags: Sequence[str]) -> Tagged:
    if len(units) != len(tags):
        raise ValueError("units without tags")
    starts, place = [], 0
    for unit in units:
        starts.append(place)
        place += len(unit) + len(between)
    found = [
        (starts[first], starts[end - 1] + len(units[end - 1]), label)
        for label, first, end in entities([usual_tag(tag) for tag in tags])
    ]
    return Tagged(between.join(units), frozenset(found))

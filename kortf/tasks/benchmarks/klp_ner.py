"""KLP 2016: named entities in news, in the form of the Korean language processing contest.

Files: `2016klpNER.base_train` and `2016klpNER.base_test`. A sentence is a block of lines: `; ` and
the sentence, `$` and the sentence with marks as `<세종대왕:PS>`, then a morpheme a line. Sentence
and marks are read; morphemes are not, since they are no parts of the sentence. A held-out share of
the train file chooses the epoch.
Source: 국어 정보 처리 시스템 경진대회 2016, for its participants; not to be passed on.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from kortf.errors import InputError
from kortf.metrics.entity_f1 import entities
from kortf.tasks.kinds.tagging import TaggingTask
from kortf.tasks.readers.blocks import Block, read_blocks
from kortf.tasks.readers.tags import of_characters, tags_of_entities

SENTENCE, MARKED = ";", "$"
LABELS = ("PS", "LC", "OG", "DT", "TI")
_ENTITY = re.compile(rf"<([^<>]+):({'|'.join(LABELS)})>")
_LIKE_ENTITY = re.compile(r"<[^<>]+:[A-Z]{2}>")


class KlpNer(TaggingTask):
    """KLP 2016, scored by the F1 of entities, by character spans of the sentence.

    Args:
        settings: As in `TaggingTask`.
    """

    name = "klp_ner"
    train_file = "2016klpNER.base_train"
    test_file = "2016klpNER.base_test"
    entity_labels = LABELS

    def rows(self, path: str) -> Iterator[Block]:
        return read_blocks(path)

    def example(self, row: list[tuple[str, str]], place: str) -> dict:
        texts = [line[1:].strip() for _, line in row if line.startswith(SENTENCE)]
        marked = [(where, line[1:].strip()) for where, line in row if line.startswith(MARKED)]
        if len(texts) != 1 or len(marked) != 1:
            problem = f"{len(texts)} lines with {SENTENCE} and {len(marked)} with {MARKED}"
            raise InputError(place, problem, "give each sentence one of each, and an empty line")
        where, line = marked[0]
        text, found = read_marks(line)
        unknown = _LIKE_ENTITY.search(text)
        if unknown and unknown[0] not in texts[0]:
            problem = f"the mark {unknown[0]} is unknown"
            raise InputError(where, problem, f"write one of {', '.join(LABELS)}")
        if text != texts[0]:
            problem = "without its marks the line is not the sentence above it"
            raise InputError(where, problem, "correct the line")
        units = of_characters(text)
        return {"text": text, "units": units, "tags": tags_of_entities(units, found)}

    def block(self, example: dict, tags: Sequence[str]) -> Iterable[str]:
        yield f"{SENTENCE} {example['text']}\n"
        found = [(start, end, label) for label, start, end in entities(tags)]
        yield f"{MARKED}{write_marks(example['text'], found)}\n\n"


def read_marks(line: str) -> tuple[str, list[tuple[int, int, str]]]:
    """Return a marked sentence without its marks, and its entities.

    Example:
        >>> read_marks("<세종대왕:PS>이 갔다")
        ('세종대왕이 갔다', [(0, 4, 'PS')])
    """
    parts, found, at, length = [], [], 0, 0
    for match in _ENTITY.finditer(line):
        before = line[at : match.start()]
        length += len(before)
        found.append((length, length + len(match[1]), match[2]))
        parts += [before, match[1]]
        length += len(match[1])
        at = match.end()
    return "".join([*parts, line[at:]]), found


def write_marks(text: str, found: Iterable[tuple[int, int, str]]) -> str:
    """Mark entities in a sentence.

    Example:
        >>> write_marks("세종대왕이 갔다", [(0, 4, "PS")])
        '<세종대왕:PS>이 갔다'

    Args:
        text: Sentence.
        found: `(start, end, label)` in characters, in any order.
    """
    parts, at = [], 0
    for start, end, label in sorted(found):
        parts += [text[at:start], f"<{text[start:end]}:{label}>"]
        at = end
    return "".join([*parts, text[at:]])

"""Files in the form of Naver's NER challenge of 2018: fourteen kinds of entities over eojeol.

The challenge's agreement forbids redistribution of the data. Two forms are read:

- the challenge's own `train_data`: number, word and tag a line, an empty line between sentences,
  tags like `PER_B`, and `-` for no entity;
- `train.tsv` and `test.tsv` of github.com/monologg/naver-ner: a sentence a line, words, a tab and
  tags like `PER-B`, both separated by spaces, and `O` for no entity.
"""

from collections.abc import Iterable, Iterator, Sequence

from kortf.errors import InputError
from kortf.metrics.entity_f1 import usual_tag
from kortf.tasks.kinds.tagging import TaggingTask
from kortf.tasks.readers.blocks import Block, read_blocks
from kortf.tasks.readers.tags import OUTSIDE, tagged_words


class NaverNer(TaggingTask):
    """Naver NER, scored by the F1 of entities.

    Args:
        settings: As in `TaggingTask`.
    """

    name = "naver_ner"
    train_file = "train.tsv"
    test_file = "test.tsv"
    entity_labels = (
        "PER", "FLD", "AFW", "ORG", "LOC", "CVL", "DAT", "TIM", "NUM", "EVT", "ANM", "PLT", "MAT",
        "TRM",
    )  # fmt: skip

    def rows(self, path: str) -> Iterator[Block]:
        for place, block in read_blocks(path):
            if isinstance(block, InputError) or block[0][1].count("\t") == 2:
                yield place, block
            else:
                yield from ((where, [(where, line)]) for where, line in block)

    def example(self, row: list[tuple[str, str]], place: str) -> dict:
        numbered = row[0][1].count("\t") == 2
        words, written = self._numbered(row) if numbered else self._line(*row[0])
        example = tagged_words(words, [usual_tag(tag) for tag in written], place)
        self.check(example["tags"], place)
        return example | {"numbered": numbered}

    def block(self, example: dict, tags: Sequence[str]) -> Iterable[str]:
        words = [example["text"][start:end] for start, end in example["units"]]
        if example["numbered"]:
            rows = enumerate(zip(words, tags, strict=True), start=1)
            yield from (f"{i}\t{word}\t{_theirs(tag, '_', '-')}\n" for i, (word, tag) in rows)
            yield "\n"
        else:
            yield f"{' '.join(words)}\t{' '.join(_theirs(tag, '-', OUTSIDE) for tag in tags)}\n"

    @staticmethod
    def _numbered(row: list[tuple[str, str]]) -> tuple[list[str], list[str]]:
        words, tags = [], []
        for place, line in row:
            fields = line.split("\t")
            if len(fields) != 3:
                problem = f"{len(fields)} fields where 3 are expected (number, word, tag)"
                raise InputError(place, problem, "separate the fields by one tab each")
            words.append(fields[1])
            tags.append(fields[2])
        return words, tags

    @staticmethod
    def _line(place: str, line: str) -> tuple[list[str], list[str]]:
        fields = line.split("\t")
        if len(fields) != 2:
            problem = f"{len(fields)} fields where 2 are expected (sentence, tags)"
            raise InputError(place, problem, "separate the fields by one tab")
        words, tags = (field.split() for field in fields)
        return words, tags


def _theirs(tag: str, mark: str, outside: str) -> str:
    prefix, _, label = tag.partition("-")
    return f"{label}{mark}{prefix}" if label else outside

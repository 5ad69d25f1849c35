"""KMOU NER: ten kinds of entities over morphemes.

Files: `train` (15,978), `testa` (2,662) and `testb` (5,324), each as `.words.txt` and `.tags.txt`,
a sentence a line, morphemes and tags separated by spaces. The text is the morphemes joined by
spaces; a model that is trained on it expects such texts.
Source: github.com/kmounlp/NER, not for commercial use.
"""

from collections.abc import Iterator

from kortf import files
from kortf.errors import InputError
from kortf.lines import read_lines
from kortf.tasks.kinds.tagging import TaggingTask
from kortf.tasks.readers.tags import tagged_words

WORDS, TAGS = ".words.txt", ".tags.txt"


class KmouNer(TaggingTask):
    """KMOU NER, scored by the F1 of entities.

    Args:
        settings: As in `TaggingTask`.
    """

    name = "kmou_ner"
    train_file = "train" + WORDS
    dev_file = "testa" + WORDS
    test_file = "testb" + WORDS
    entity_labels = ("PER", "LOC", "ORG", "POH", "DAT", "TIM", "DUR", "MNY", "PNT", "NOH")

    def files(self, name: str) -> list[str]:
        return [name, name.replace(WORDS, TAGS)]

    def rows(self, path: str) -> Iterator[tuple]:
        words, tags = self.files(path)
        if words == tags:
            raise InputError(path, "not a file of words", f"name the one that ends in {WORDS}")
        both = [list(read_lines(each)) for each in (words, tags)]
        if len(both[0]) != len(both[1]):
            problem = f"{len(both[1])} lines where {words} has {len(both[0])}"
            raise InputError(tags, problem, "fetch both files again")
        for (place, line), (_, tag_line) in zip(*both, strict=True):
            bad = [each for each in (line, tag_line) if isinstance(each, InputError)]
            yield place, bad[0] if bad else (line.split(), tag_line.split())

    def example(self, row: tuple[list[str], list[str]], place: str) -> dict | None:
        words, tags = row
        example = tagged_words(words, tags, place)
        if not words:
            return None
        self.check(tags, place)
        return example

    def write_predictions(self, path: str, found: dict, examples) -> str:
        path += TAGS
        with files.write_beside(path) as file:
            for tags in self.predicted_tags(found, examples):
                file.write(" ".join(tags) + "\n")
        return path

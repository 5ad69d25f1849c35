"""KLUE-NER: persons, places, organisations, dates, times and quantities, by character.

Files: `klue-ner-v1.1_train.tsv` (21,008), `klue-ner-v1.1_dev.tsv` (5,000): a character, or a
space, and its tag a line; a line that begins with `## ` precedes each sentence. The labels of the
test part are not published: the dev part is scored, and a held-out share of the train file chooses
the epoch.
Source: github.com/KLUE-benchmark/KLUE, CC BY-SA 4.0; Park et al., "KLUE", 2021.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from kortf.errors import InputError
from kortf.metrics.entity_f1 import character_macro_f1, entity_f1
from kortf.tasks.kinds.tagging import LabelAt, TaggingTask
from kortf.tasks.readers.blocks import Block, read_blocks
from kortf.tasks.readers.tags import of_characters

COMMENT = "##"


class KlueNer(TaggingTask):
    """KLUE-NER, scored by the mean F1 of the entities' labels, and that of the characters' tags.

    Args:
        label_at: As in `TaggingTask`; `character` by default.
        settings: As in `TaggingTask`.
    """

    name = "klue_ner"
    train_file = "klue-ner-v1.1_train.tsv"
    test_file = "klue-ner-v1.1_dev.tsv"
    main_metric = "macro_f1"
    mode = "strict"
    entity_labels = ("PS", "LC", "OG", "DT", "TI", "QT")
    note = "the labels of the test part are not published: the dev part was scored"

    def __init__(self, label_at: LabelAt = "character", **settings):
        super().__init__(label_at=label_at, **settings)

    def rows(self, path: str) -> Iterator[Block]:
        return read_blocks(path)

    def example(self, row: list[tuple[str, str]], place: str) -> dict | None:
        identity, characters, tags = "", [], []
        for where, line in row:
            # A token may be `#` itself: `#<tab>O`.
            if line.startswith(COMMENT):
                identity = line[len(COMMENT) :].strip().partition("\t")[0]
                continue
            character, tab, tag = line.rpartition("\t")
            if not tab or len(character) != 1:
                problem = "not a character, a tab and a tag"
                raise InputError(where, problem, "write one character a line")
            self.check([tag], where)
            characters.append(character)
            tags.append(tag)
        if not characters:
            return None  # header of the file
        text = "".join(characters)
        return {"id": identity, "text": text, "units": of_characters(text), "tags": tags}

    def score(self, found: dict[str, np.ndarray], examples: Sequence[dict]) -> dict[str, float]:
        # KLUE joins the tags of all sentences, so an I- may continue the sentence before.
        ours, gold = (
            [[tag for tags in side for tag in tags]]
            for side in (self.predicted_tags(found, examples), [row["tags"] for row in examples])
        )
        scores = entity_f1(ours, gold, self.mode)
        return scores | {"character_macro_f1": character_macro_f1(ours, gold, self.classes)}

    def block(self, example: dict, tags):
        if example["id"]:
            yield f"{COMMENT} {example['id']}\t{example['text']}\n"
        yield from super().block(example, tags)

"""KLUE-DP: dependency parsing of eojeol.

Files: `klue-dp-v1.1_train.tsv` (10,000), `klue-dp-v1.1_dev.tsv` (2,000): index, word, lemmas, parts
of speech, head and type a line; a line `## ID<TAB>TEXT` precedes each sentence. Lemmas and parts of
speech are not used. The labels of the test part are not published: the dev part is scored, and a
held-out share of the train file chooses the epoch.
Source: github.com/KLUE-benchmark/KLUE, CC BY-SA 4.0; Park et al., "KLUE", 2021.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from kortf import files
from kortf.errors import InputError
from kortf.ranges import whole_number
from kortf.tasks.kinds.parsing import ParsingTask
from kortf.tasks.readers.blocks import Block, read_blocks
from kortf.tasks.readers.tags import of_words

COMMENT = "##"
# In the order of KLUE-baseline, which scores types from the sixteenth on as one.
TYPES = (
    "NP", "NP_AJT", "VP", "NP_SBJ", "VP_MOD", "NP_OBJ", "AP", "NP_CNJ", "NP_MOD", "VNP", "DP",
    "VP_AJT", "VNP_MOD", "NP_CMP", "VP_SBJ", "VP_CMP", "VP_OBJ", "VNP_CMP", "AP_MOD", "X_AJT",
    "VP_CNJ", "VNP_AJT", "IP", "X", "X_SBJ", "VNP_OBJ", "VNP_SBJ", "X_OBJ", "AP_AJT", "L",
    "X_MOD", "X_CNJ", "VNP_CNJ", "X_CMP", "AP_CMP", "AP_SBJ", "R", "NP_SVJ",
)  # fmt: skip


class KlueDp(ParsingTask):
    """KLUE-DP, scored by labelled and unlabelled attachment.

    Args:
        settings: As in `ParsingTask`.
    """

    name = "klue_dp"
    train_file = "klue-dp-v1.1_train.tsv"
    test_file = "klue-dp-v1.1_dev.tsv"
    classes = TYPES
    note = "the labels of the test part are not published: the dev part was scored"

    def rows(self, path: str) -> Iterator[Block]:
        return read_blocks(path)

    def example(self, row: list[tuple[str, str]], place: str) -> dict | None:
        identity, words, heads, types, places = "", [], [], [], []
        for where, line in row:
            if line.startswith(COMMENT):
                identity = line[len(COMMENT) :].strip().partition("\t")[0]
                continue
            fields = line.split("\t")
            if len(fields) != 6:
                problem = f"expected 6 tab-separated fields, got {len(fields)}"
                raise InputError(where, problem, "write index, word, lemmas, tags, head and type")
            head = whole_number(fields[4])
            if head is None or fields[5] not in TYPES:
                problem = f"'{fields[4]}' and '{fields[5]}' are not a head and a type"
                raise InputError(where, problem, "fetch the file again")
            if fields[0] != str(len(words) + 1):
                problem = f"word {len(words) + 1} of the sentence has the number '{fields[0]}'"
                raise InputError(where, problem, "fetch the file again")
            words.append(fields[1])
            places.append(where)
            heads.append(head)
            types.append(fields[5])
        if not words:
            return None  # header of the file
        for number, head in enumerate(heads, start=1):
            if head > len(words) or head == number:
                problem = f"head {head} of word {number} is not another of {len(words)} words"
                raise InputError(places[number - 1], problem, "fetch the file again")
        text, units = of_words(words)
        return {"id": identity, "text": text, "units": units, "heads": heads, "types": types}

    def write_predictions(
        self, path: str, found: dict[str, np.ndarray], examples: Sequence[dict]
    ) -> str:
        path += ".tsv"
        with files.write_beside(path) as file:
            for example, parse in zip(examples, self.parses(found, examples), strict=True):
                file.write(f"{COMMENT} {example['id']}\t{example['text']}\n")
                for i, ((start, end), (head, kind, _)) in enumerate(
                    zip(example["units"], parse, strict=True), start=1
                ):
                    word = example["text"][start:end]
                    file.write(f"{i}\t{word}\t_\t_\t{max(head, 0)}\t{kind}\n")
                file.write("\n")
        return path

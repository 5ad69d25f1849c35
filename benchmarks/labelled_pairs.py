"""Pairs of related sentences from labelled Korean sets that are no sentence similarity.

    python -m benchmarks.labelled_pairs --data=data --output=labelled.tsv

As `anchor` and `positive`: questions that ask the same (Question Pair), a remark and its answer
(Chatbot), paraphrases (PAWS-X dev), a question and the sentence with its answer (KorQuAD), a
premise and its cause or effect (KoBEST COPA), the last sentence of a story and its end (KoBEST
HellaSwag), and what follows from what (KorNLI dev).
"""

import csv
import os
import random
import re
from collections.abc import Iterator

from absl import app, flags

from kortf import tasks

FLAGS = flags.FLAGS
flags.DEFINE_string("data", None, "Directory of the data sets.", required=True)
flags.DEFINE_string("output", None, "Table to write.", required=True)
_END = re.compile(r"(?<=[.!?])\s+")

Pairs = Iterator[tuple[str, str]]


def main(argv: list[str]) -> None:
    del argv
    kinds = (_same_questions, _remarks, _paraphrases, _answers, _consequences, _ends, _entailed)
    pairs = [(_clean(one), _clean(other)) for kind in kinds for one, other in kind()]
    pairs = [pair for pair in pairs if all(pair)]
    random.Random(0).shuffle(pairs)
    with open(FLAGS.output, "w", encoding="utf-8") as table:
        table.write("anchor\tpositive\n")
        table.writelines(f"{anchor}\t{positive}\n" for anchor, positive in pairs)
    print(f"{FLAGS.output}: {len(pairs):,} pairs")


def _read(task: str, path: str) -> list[dict]:
    return tasks.build(task).read(os.path.join(FLAGS.data, path))


def _same_questions() -> Pairs:
    for row in _read("question_pair", "question_pair/train.txt"):
        if row["label"] == 0 and row["text"] != row["text_pair"]:
            yield row["text"], row["text_pair"]


def _remarks() -> Pairs:
    path = os.path.join(FLAGS.data, "chatbot/ChatbotData.csv")
    with open(path, encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            yield row["Q"], row["A"]


def _paraphrases() -> Pairs:
    for row in _read("paws", "paws_x_ko/dev_2k.tsv"):
        if row["label"] == 1:
            yield row["text"], row["text_pair"]


def _answers() -> Pairs:
    for row in _read("korquad", "korquad/KorQuAD_v1.0_train.json"):
        end = 0
        for sentence in _END.split(row["context"]):
            begin = row["context"].index(sentence, end)
            end = begin + len(sentence)
            if begin <= row["start"] < end:
                yield row["question"], sentence
                break


def _consequences() -> Pairs:
    for row in _read("kobest_copa", "kobest/COPA/train.tsv"):
        yield row["sentence"], row[f"choice{row['label'] + 1}"]


def _ends() -> Pairs:
    for row in _read("kobest_hellaswag", "kobest/HellaSwag/train.tsv"):
        yield _END.split(row["text"])[-1], row[f"choice{row['label'] + 1}"]


def _entailed() -> Pairs:
    for row in _read("kornli", "kornlu/KorNLI/xnli.dev.ko.tsv"):
        if row["label"] == 0:
            yield row["text"], row["text_pair"]


def _clean(text: str) -> str:
    return text.replace("\t", " ").replace("\n", " ").strip()


if __name__ == "__main__":
    app.run(main)

"""Answers in texts of one's own.

Read as they are, by the ending of the file's name: `.json` in KorQuAD's (SQuAD 1.1's) format, or
`.jsonl`, an object a line: `{"question": …, "context": …, "answer": …, "answer_start": 12}`, the
place in characters, and an `id` if there is one.
"""

import os
from collections.abc import Iterator

from kortf.errors import InputError
from kortf.tasks.benchmarks.korquad import Korquad
from kortf.tasks.readers.table import read_json_lines

FIELDS = ("question", "context", "answer", "answer_start")


class QuestionAnswering(Korquad):
    """Answers in files of one's own, scored as KorQuAD is.

    Args:
        settings: as in `ExtractionTask`.
    """

    name = "question_answering"
    train_file = "train.jsonl"
    test_file = "test.jsonl"
    note = ""

    def rows(self, path: str) -> Iterator[tuple]:
        if path.endswith(".json"):
            yield from super().rows(path)
            return
        name = os.path.basename(path)
        for number, (place, row) in enumerate(read_json_lines(path, FIELDS), start=1):
            if isinstance(row, InputError):
                yield place, row
                continue
            answer = {"text": row["answer"], "answer_start": row["answer_start"]}
            key = str(row.get("id") or f"{name}-{number}")
            question = {"id": key, "question": row["question"], "answers": [answer]}
            context = row["context"]
            usable = isinstance(context, str)
            problem = InputError(place, "field 'context' is not text", "write a string")
            yield place, (question, context) if usable else problem

"""Question answering on the user's own files.

The file's extension tells its form: `.json` in the format of KorQuAD (SQuAD 1.1), or `.jsonl`, an
object a line: `{"question": …, "context": …, "answer": …, "answer_start": 12}` with the position in
characters, and optionally an `id`.
"""

import os
from collections import Counter
from collections.abc import Iterator

from kortf.errors import InputError
from kortf.tasks.benchmarks.korquad import Korquad
from kortf.tasks.readers.table import read_json_lines

FIELDS = ("question", "context", "answer", "answer_start")


class QuestionAnswering(Korquad):
    """Question answering on own files, scored as KorQuAD.

    Args:
        settings: As in `ExtractionTask`.
    """

    name = "question_answering"
    train_file = "train.jsonl"
    test_file = "test.jsonl"
    note = ""

    def finish(self, examples: list[dict], path: str) -> list[dict]:
        """Number questions that share an id, such as that of their document."""
        count = Counter(example["id"] for example in examples)
        shared = {key for key, number in count.items() if number > 1}
        numbers: Counter = Counter()
        for example in examples:
            key = example["id"]
            if key in shared:
                numbers[key] += 1
                example["id"] = f"{key}-{numbers[key]}"
                while example["id"] in count:  # another question already has this id
                    numbers[key] += 1
                    example["id"] = f"{key}-{numbers[key]}"
        if shared:
            self.repairs[path]["ids of several questions, numbered"] = len(shared)
        return examples

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

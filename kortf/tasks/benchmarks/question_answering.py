"""Question answering on the user's own files.

The files are in the format of KorQuAD, which is SQuAD 1.1's and 2.0's, or hold a question a row, in
any form that `read_table` takes: JSON lines, a JSON array, parquet, CSV …. A row has `question`,
`context`, and one of

- `answer` and `answer_start`, a position in characters;
- `answers`, `{"text": […], "answer_start": […]}` as Hugging Face has it, or a list of
  `{"text": …, "answer_start": …}`.

`id` is optional. A question has no answer if `is_impossible` is true or its answers are empty.
"""

import os
from collections import Counter
from collections.abc import Iterator, Sequence

from kortf.errors import InputError
from kortf.tasks.benchmarks.korquad import Korquad, questions_of_article
from kortf.tasks.readers.table import read_table
from kortf.tasks.readers.truth import truth

FIELDS = ("question", "context")


class QuestionAnswering(Korquad):
    """Question answering on own files, scored as KorQuAD, or as SQuAD 2.0 has it.

    Args:
        unanswerable: Whether questions may have no answer; None decides by the train part.
        settings: As in `ExtractionTask`.
    """

    name = "question_answering"
    any_form = True
    train_file = "train.jsonl"
    test_file = "test.jsonl"
    note = ""

    def __init__(self, unanswerable: bool | None = None, **settings):
        super().__init__(**settings)
        self._decided = unanswerable is not None
        self.unanswerable = bool(unanswerable)

    def adapt(self, examples: Sequence[dict]) -> None:
        if not self._decided:
            self.unanswerable = any(not example["answers"] for example in examples)
            self._decided = True

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
        name = os.path.basename(path)
        for number, (place, row) in enumerate(read_table(path, (), self.encoding), start=1):
            if isinstance(row, InputError):
                yield place, row
            elif "paragraphs" in row:
                yield from questions_of_article(row, place)
            else:
                yield place, _question(row, f"{name}-{number}", place)

    def example(self, row: tuple[dict, str], place: str) -> dict:
        question, _ = row
        answers = question.get("answers")
        none = _is_impossible(question.get("is_impossible"), place) or answers == []
        if none and answers:
            problem = "a question with answers is marked as one without (is_impossible)"
            raise InputError(place, problem, "correct one of the two")
        if none and self._decided and not self.unanswerable:
            problem = "a question without an answer, and the train part has none"
            cure = "set --config.task.unanswerable=True in training, or leave it out"
            raise InputError(place, problem, cure)
        return self.with_answers(row, place, none=bool(none))

    def settings(self) -> dict:
        return super().settings() | {"unanswerable": self.unanswerable if self._decided else None}


def _question(row: dict, key: str, place: str) -> tuple[dict, str] | InputError:
    """Return a row as a question of SQuAD's format, and its context."""
    for name in FIELDS:
        if not isinstance(row.get(name), str):
            problem = "is not text" if name in row else f"is missing ({', '.join(row)[:200]})"
            return InputError(place, f"field '{name}' {problem}", "write a string")
    answers = row.get("answers")
    if isinstance(answers, dict):  # Hugging Face: parallel lists
        texts, starts = (answers.get(name) for name in ("text", "answer_start"))
        if not isinstance(texts, list) or not isinstance(starts, list) or len(texts) != len(starts):
            problem = "'answers' has no 'text' and 'answer_start' of one length"
            return InputError(place, problem, "write a position for each text")
        answers = [_answer(*pair) for pair in zip(texts, starts, strict=True)]
    elif answers is None:
        for name in ("answer", "answer_start"):
            if name not in row:
                problem = f"there is no field '{name}' ({', '.join(row)[:200]})"
                return InputError(place, problem, "add the field")
        answers = (
            [] if row["answer"] in ("", None) else [_answer(row["answer"], row["answer_start"])]
        )
    found = {"id": str(row.get("id") or key), "question": row["question"], "answers": answers}
    return found | {"is_impossible": row.get("is_impossible")}, row["context"]


def _is_impossible(value, place: str) -> bool:
    """Return the truth value of a cell; an empty or missing one is False."""
    if value is None or value == "":
        return False
    return bool(truth(str(value), f"{place}, field 'is_impossible'"))


def _answer(text, start) -> dict:
    """Return an answer; a table without types has its position as text."""
    is_number = isinstance(start, str) and start.strip().isdecimal() and len(start) < 20
    return {"text": text, "answer_start": int(start) if is_number else start}

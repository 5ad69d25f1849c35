"""KoBEST COPA: which of two sentences is the cause, or the effect, of a premise?

Files: `COPA/train.tsv` (3,076), `COPA/dev.tsv` (500), `COPA/test.tsv` (1,000), columns ID,
sentence, question (원인 or 결과), 1, 2, Answer (1 or 2). A connective after the premise carries the
question: 왜냐하면 for the cause, 그래서 for the effect.
Source: github.com/SKT-LSL/KoBEST_datarepo, CC BY-SA 4.0; Jang et al., "KoBEST", 2022.
"""

from kortf.errors import InputError
from kortf.tasks.kinds.multiple_choice import MultipleChoiceTask

CONNECTIVES = {"원인": "왜냐하면", "결과": "그래서"}


class KobestCopa(MultipleChoiceTask):
    """KoBEST COPA, scored by macro F1.

    Args:
        settings: As in `TextTask`.
    """

    name = "kobest_copa"
    train_file = "COPA/train.tsv"
    dev_file = "COPA/dev.tsv"
    test_file = "COPA/test.tsv"
    columns = ("ID", "sentence", "question", "1", "2", "Answer")
    choices = 2

    def example(self, row: dict, place: str) -> dict:
        question = row["question"].strip()
        if question not in CONNECTIVES:
            raise InputError(place, f"question '{question}' is unknown", "write 원인 or 결과")
        return {
            "id": row["ID"],
            "sentence": row["sentence"],
            "question": question,
            "text": f"{row['sentence']} {CONNECTIVES[question]}",
            "choice1": row["1"],
            "choice2": row["2"],
            "label": self.class_number(row["Answer"].strip(), place),
        }

    def fields(self, example: dict, answer: str) -> list[str]:
        names = ("id", "sentence", "question", "choice1", "choice2")
        return [*(example[name] for name in names), answer]

"""Question Pair: do two questions ask the same?

Files of the maintained split: `train.txt` (6,136), `validation.txt` (682), `test.txt` (758),
columns question1, question2, is_duplicate. Despite its name, `is_duplicate` is 0 for equal
questions and 1 for different ones. Source: github.com/songys/Question_pair, MIT.
"""

from kortf.tasks.kinds.classification import ClassificationTask


class QuestionPair(ClassificationTask):
    """Question Pair, scored by accuracy.

    Args:
        settings: As in `TextTask`.
    """

    name = "question_pair"
    train_file = "train.txt"
    dev_file = "validation.txt"
    test_file = "test.txt"
    text_fields = ("text", "text_pair")
    columns = ("question1", "question2", "is_duplicate")
    classes = ("same", "different")
    spellings = ("0", "1")

    def example(self, row: dict, place: str) -> dict:
        label = self.class_number(row["is_duplicate"], place)
        return {"text": row["question1"], "text_pair": row["question2"], "label": label}

    def fields(self, example: dict, answer: str) -> list[str]:
        return [example["text"], example["text_pair"], answer]

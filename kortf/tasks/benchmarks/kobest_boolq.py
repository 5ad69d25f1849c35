"""KoBEST BoolQ: is the answer to a question on a text yes (True) or no (False)?

Files: `BoolQ/train.tsv` (3,665), `BoolQ/dev.tsv` (700), `BoolQ/test.tsv` (1,404), columns ID, Text,
Question, Answer (`True` and `False` in any case, or 1 and 0).
Source: github.com/SKT-LSL/KoBEST_datarepo, CC BY-SA 4.0; Jang et al., "KoBEST", 2022.
"""

from kortf.tasks.kinds.classification import ClassificationTask
from kortf.tasks.readers.truth import TRUTH, truth


class KobestBoolq(ClassificationTask):
    """KoBEST BoolQ, scored by macro F1.

    Args:
        settings: As in `TextTask`.
    """

    name = "kobest_boolq"
    train_file = "BoolQ/train.tsv"
    dev_file = "BoolQ/dev.tsv"
    test_file = "BoolQ/test.tsv"
    text_fields = ("text", "text_pair")
    columns = ("ID", "Text", "Question", "Answer")
    classes = ("false", "true")
    spellings = TRUTH
    main_metric = "macro_f1"
    metrics = ("macro_f1", "accuracy")

    def example(self, row: dict, place: str) -> dict:
        label = truth(row["Answer"], place)
        texts = {"text": row["Text"], "text_pair": row["Question"]}
        return {"id": row["ID"], **texts, "label": label}

    def fields(self, example: dict, answer: str) -> list[str]:
        return [example["id"], example["text"], example["text_pair"], answer]

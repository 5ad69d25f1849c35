"""KoBEST SentiNeg: is a product review positive (1) or negative (0), also with negations?

Files: `SentiNeg/train.tsv` (3,649), `SentiNeg/dev.tsv` (400), `SentiNeg/test.tsv` (397), columns
ID, Text, Label in any order.
Source: github.com/SKT-LSL/KoBEST_datarepo, CC BY-SA 4.0; Jang et al., "KoBEST", 2022.
"""

from kortf.tasks.kinds.classification import ClassificationTask


class KobestSentineg(ClassificationTask):
    """KoBEST SentiNeg, scored by macro F1.

    Args:
        settings: As in `TextTask`.
    """

    name = "kobest_sentineg"
    train_file = "SentiNeg/train.tsv"
    dev_file = "SentiNeg/dev.tsv"
    test_file = "SentiNeg/test.tsv"
    columns = ("ID", "Text", "Label")
    classes = ("negative", "positive")
    spellings = ("0", "1")
    main_metric = "macro_f1"
    metrics = ("macro_f1", "accuracy")

    def example(self, row: dict, place: str) -> dict:
        label = self.class_number(row["Label"].strip(), place)
        return {"id": row["ID"], "text": row["Text"], "label": label}

    def fields(self, example: dict, answer: str) -> list[str]:
        return [example["id"], example["text"], answer]

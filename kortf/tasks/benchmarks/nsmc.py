"""Naver sentiment movie corpus: is a review positive (1) or negative (0)?

Files: `ratings_train.txt` (150,000) and `ratings_test.txt` (50,000), columns id, document, label.
Source: github.com/e9t/nsmc, CC0.
"""

from kortf.tasks.kinds.classification import ClassificationTask
from kortf.tasks.readers.table import read_tsv


class Nsmc(ClassificationTask):
    """NSMC, scored by accuracy.

    Args:
        settings: As in `TextTask`.
    """

    name = "nsmc"
    train_file = "ratings_train.txt"
    test_file = "ratings_test.txt"
    columns = ("id", "document", "label")
    classes = ("negative", "positive")
    spellings = ("0", "1")

    def rows(self, path: str):
        return read_tsv(path, self.columns, header=False)

    def example(self, row: dict, place: str) -> dict:
        label = self.class_number(row["label"], place)
        return {"id": row["id"], "text": unquote(row["document"]), "label": label}

    def fields(self, example: dict, answer: str) -> list[str]:
        return [example["id"], example["text"], answer]


def unquote(document: str) -> str:
    """Undo the quoting of documents that have a quotation mark.

    Example:
        >>> unquote('"그는 ""왕""이다"')
        '그는 "왕"이다'
        >>> unquote("재밌다")
        '재밌다'
    """
    if len(document) > 1 and document[0] == document[-1] == '"':
        return document[1:-1].replace('""', '"').replace('""', '"')
    return document

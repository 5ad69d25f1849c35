"""Naver sentiment movie corpus: is a review positive (1) or negative (0)?

Files: `ratings_train.txt` (150,000) and `ratings_test.txt` (50,000), columns id, document, label.
Source: github.com/e9t/nsmc, CC0.
"""

from collections.abc import Sequence

import numpy as np

from kortf import files
from kortf.errors import InputError
from kortf.tasks.classification import ClassificationTask

_HEADER = ["id", "document", "label"]


class Nsmc(ClassificationTask):
    """NSMC, scored by accuracy.

    Args:
        pooling: `cls`, `mean` or `max`.
        dropout: rate before the head's dense layer; the encoder's if None.
    """

    name = "nsmc"
    train_file = "ratings_train.txt"
    test_file = "ratings_test.txt"
    classes = ("negative", "positive")

    def read(self, path: str) -> list[dict]:
        with files.open_file(path) as file:
            data = file.read()
        if not data:
            raise InputError(path, "the file is empty", "fetch it again")
        examples = []
        for number, raw in enumerate(data.removesuffix(b"\n").split(b"\n"), start=1):
            place = f"{path}, line {number}"
            try:
                fields = raw.decode("utf-8").removesuffix("\r").split("\t")
            except UnicodeDecodeError as error:
                problem = f"not UTF-8 at byte {error.start} of the line"
                raise InputError(place, problem, "convert the file to UTF-8") from error
            if len(fields) != 3:
                problem = f"{len(fields)} fields where 3 are expected (id, document, label)"
                raise InputError(place, problem, "separate the fields by one tab each")
            if number == 1 and fields == _HEADER:
                continue
            if fields[2] not in ("0", "1"):
                raise InputError(place, f"label '{fields[2]}' is unknown", "write 0 or 1")
            text = unquote(fields[1])
            examples.append({"id": fields[0], "text": text, "label": int(fields[2])})
        if not examples:
            raise InputError(path, "there are no rows under the header", "fetch the file again")
        return examples

    def write_predictions(self, path: str, scores: np.ndarray, examples: Sequence[dict]) -> str:
        path += ".tsv"
        with files.write_beside(path) as file:
            file.write("\t".join(_HEADER) + "\n")
            for example, label in zip(examples, scores.argmax(axis=-1), strict=True):
                file.write(f"{example['id']}\t{example['text']}\t{label}\n")
        return path


def unquote(document: str) -> str:
    """Undoes the quoting of documents that hold a quotation mark.

    Example:
        >>> unquote('"그는 ""왕""이다"')
        '그는 "왕"이다'
        >>> unquote("재밌다")
        '재밌다'
    """
    if len(document) > 1 and document[0] == document[-1] == '"':
        return document[1:-1].replace('""', '"').replace('""', '"')
    return document

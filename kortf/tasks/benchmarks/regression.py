"""Regression on the user's own files: a rating of a text, the similarity of two."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from kortf import files
from kortf.errors import InputError
from kortf.ranges import Number
from kortf.tasks.kinds.regression import RegressionTask, check_bounds
from kortf.tasks.readers.names import listed
from kortf.tasks.readers.table import Row, read_table


class Regression(RegressionTask):
    """Numbers for texts, or pairs of texts, in own files, scored by Spearman's correlation.

    Files are in any form that `read_table` takes.

    Args:
        source_fields: Names of the columns with the text, or with both texts of a pair; a sequence,
            or commas between.
        label_field: Name of the column with the number.
        low: Least number.
        high: Greatest number.
        settings: As in `TextTask`.
    """

    name = "regression"
    any_form = True
    train_file = "train.tsv"
    test_file = "test.tsv"
    metrics = ("spearman", "pearson")
    digits = 6
    cure = "correct it, or set config.task.low and config.task.high"

    def __init__(
        self,
        source_fields: str | Sequence[str] = "text",
        label_field: str = "label",
        low: Number = 0.0,
        high: Number = 1.0,
        **settings,
    ):
        super().__init__(**settings)
        self.source_fields = listed(source_fields)
        if len(self.source_fields) not in (1, 2):
            problem = "neither one column nor two"
            cure = "name one column, or two with a comma between"
            raise InputError(f"config.task.source_fields={source_fields}", problem, cure)
        check_bounds(low, high)
        self.text_fields = ("text", "text_pair")[: len(self.source_fields)]
        self.label_field = label_field
        self.bounds = (float(low), float(high))

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.source_fields, self.label_field)

    def rows(self, path: str) -> Iterator[Row]:
        return read_table(path, self.columns, self.encoding)

    def example(self, row: dict, place: str) -> dict:
        example = {}
        for name, source in zip(self.text_fields, self.source_fields, strict=True):
            if not isinstance(row[source], str):
                raise InputError(place, f"field '{source}' is not text", "write a string")
            example[name] = row[source]
        return example | {"label": self.number(row[self.label_field], place)}

    def fields(self, example: dict, answer: str) -> Iterable[str]:
        return [*(example[name] for name in self.text_fields), answer]

    def write_predictions(
        self, path: str, found: dict[str, np.ndarray], examples: Sequence[dict]
    ) -> str:
        path += ".jsonl"  # a text may have tabs and line ends
        pairs = zip(examples, self.answers(found["scores"]), strict=True)
        rows = (zip(self.columns, self.fields(*pair), strict=True) for pair in pairs)
        files.write_json_lines(path, map(dict, rows))
        return path

    def settings(self) -> dict:
        own = {"source_fields": list(self.source_fields), "label_field": self.label_field}
        return super().settings() | own | {"low": self.bounds[0], "high": self.bounds[1]}

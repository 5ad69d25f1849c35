"""Multiple choice on the user's own files: which continuation or answer fits a text?"""

from collections.abc import Iterator, Sequence
from typing import Annotated

import numpy as np

from kortf import files
from kortf.errors import InputError
from kortf.ranges import Range
from kortf.tasks.kinds.multiple_choice import MultipleChoiceTask
from kortf.tasks.readers.table import Row, read_table

Choices = Annotated[int, Range(2, 64, whole=True)]


class MultipleChoice(MultipleChoiceTask):
    """Multiple choice in own files, scored by macro F1.

    Files are in any form that `read_table` takes, with the columns `text`, `choice1`, `choice2`, …
    and the number of the right choice, from 1.

    Args:
        choices: Number of choices of each row.
        text_field: Name of the column with the text.
        label_field: Name of the column with the number of the right choice.
        settings: As in `TextTask`.
    """

    name = "multiple_choice"
    any_form = True
    train_file = "train.tsv"
    test_file = "test.tsv"

    def __init__(
        self, choices: Choices = 4, text_field: str = "text", label_field: str = "label", **settings
    ):
        super().__init__(**settings)
        self.choices = choices
        self.text_field = text_field
        self.label_field = label_field

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.text_field, *self.text_fields[1:], self.label_field)

    def rows(self, path: str) -> Iterator[Row]:
        return read_table(path, self.columns, self.encoding)

    def example(self, row: dict, place: str) -> dict:
        for column in self.columns[:-1]:
            if not isinstance(row[column], str):
                raise InputError(place, f"field '{column}' is not text", "write a string")
            if not row[column].strip() and column != self.text_field:
                cure = "write the choice, or set config.task.choices"
                raise InputError(place, f"field '{column}' is empty", cure)
        texts = {name: row[name] for name in self.text_fields[1:]}
        label = self.class_number(str(row[self.label_field]).strip(), place)
        return {"text": row[self.text_field], **texts, "label": label}

    def write_predictions(
        self, path: str, found: dict[str, np.ndarray], examples: Sequence[dict]
    ) -> str:
        path += ".jsonl"  # a text may have tabs and line ends
        pairs = zip(examples, self.answers(found["scores"]), strict=True)
        rows = (zip(self.columns, self.fields(*pair), strict=True) for pair in pairs)
        files.write_json_lines(path, map(dict, rows))
        return path

    def settings(self) -> dict:
        own = {"choices": self.choices, "text_field": self.text_field}
        return super().settings() | own | {"label_field": self.label_field}

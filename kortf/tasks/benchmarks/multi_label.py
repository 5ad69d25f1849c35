"""Multi-label classification on the user's own files: hate speech by target, emotions.

The files are tables in one of two forms: the text and a column of 0 and 1 for each label, as Korean
UnSmile is published; or the text and a column of comma-separated labels, as GoEmotions is, empty
for a text without labels. JSON and parquet have a list of labels.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from kortf import files
from kortf.errors import InputError
from kortf.ranges import sorted_labels
from kortf.tasks.kinds.multi_label import MultiLabelTask
from kortf.tasks.readers.names import class_names
from kortf.tasks.readers.table import Row, read_table


class MultiLabel(MultiLabelTask):
    """Any number of labels for a text, scored by macro F1, micro F1 and LRAP.

    Args:
        text_field: Name of the column with the text.
        label_field: Name of the column with the labels; "" if each label has its own column.
        classes: Names of the labels, a sequence, or commas between; by default those of the train
            part, or all other columns.
        settings: As in `TextTask`.
    """

    name = "multi_label"
    any_form = True
    train_file = "train.tsv"
    test_file = "test.tsv"
    classes: tuple[str, ...] = ()

    def __init__(
        self,
        text_field: str = "text",
        label_field: str = "labels",
        classes: str | Sequence[str] = (),
        **settings,
    ):
        super().__init__(**settings)
        self.text_field = text_field
        self.label_field = label_field
        self.classes = class_names(classes, "classes")

    @property
    def columns(self) -> tuple[str, ...]:
        own = (self.label_field,) if self.label_field else self.classes
        return (self.text_field, *own)

    def rows(self, path: str) -> Iterator[Row]:
        return read_table(path, self.columns, self.encoding)

    def example(self, row: dict, place: str) -> dict:
        if not isinstance(row[self.text_field], str):
            raise InputError(place, f"field '{self.text_field}' is not text", "write a string")
        labels = self._listed(row, place) if self.label_field else self._marked(row, place)
        for label in labels:
            if self.classes and label not in self.classes:
                known = ", ".join(self.classes)
                raise InputError(place, f"label '{label}' is unknown", f"write some of {known}")
        columns = [] if self.label_field else [n for n in row if n != self.text_field]
        return {"text": row[self.text_field], "labels": labels, "columns": columns}

    def adapt(self, examples: Sequence[dict]) -> None:
        if self.classes:
            return
        names = list(dict.fromkeys(name for row in examples for name in row["labels"]))
        if not self.label_field:
            names = examples[0]["columns"]
        if not names:
            problem = f"there is no label in {self.train_file}"
            raise InputError("config.task.label_field", problem, "name the column of the labels")
        number = all(name.isdecimal() for name in names)
        self.classes = tuple(sorted_labels(names) if number else names)

    def _listed(self, row: dict, place: str) -> list[str]:
        value = row[self.label_field]
        if isinstance(value, str | int):
            value = str(value).split(",") if str(value).strip() else []
        if not isinstance(value, list) or not all(isinstance(v, str | int) for v in value):
            problem = f"field '{self.label_field}' is not a list of labels"
            raise InputError(place, problem, "write labels with commas between")
        names = [str(name).strip() for name in value]
        if "" in names:
            problem = f"field '{self.label_field}' has an empty label among {len(names)}"
            raise InputError(place, problem, "write its name, or nothing for a text without labels")
        return list(dict.fromkeys(names))

    def _marked(self, row: dict, place: str) -> list[str]:
        names = self.classes or [name for name in row if name != self.text_field]
        found = []
        for name in names:
            if str(row[name]).strip() not in ("0", "1"):
                problem = f"column '{name}' is '{row[name]}'"
                raise InputError(place, problem, "write 0 or 1 for each label")
            if str(row[name]).strip() == "1":
                found.append(name)
        return found

    def write_predictions(
        self, path: str, found: dict[str, np.ndarray], examples: Sequence[dict]
    ) -> str:
        path += ".jsonl"  # a text may have tabs and line ends
        field = self.label_field or "labels"
        rows = (
            {self.text_field: example["text"], field: labels}
            for example, labels in zip(examples, self.chosen(found["scores"]), strict=True)
        )
        files.write_json_lines(path, rows)
        return path

    def settings(self) -> dict:
        own = {"text_field": self.text_field, "label_field": self.label_field}
        return super().settings() | own | {"classes": list(self.classes)}

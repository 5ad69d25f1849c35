"""Classification of the user's own files: fields and classes are settings."""

import abc
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from kortf import files
from kortf.errors import InputError
from kortf.ranges import sorted_labels
from kortf.tasks.kinds.classification import ClassificationTask
from kortf.tasks.readers.names import class_names, listed
from kortf.tasks.readers.table import Row, read_table

MISSING = ("nan", "<na>", "#n/a")  # spellings of pandas and Excel


class OwnClassesTask(ClassificationTask, abc.ABC):
    """A classification of own files, in any form that `read_table` takes.

    Args:
        text_fields: Names of the columns with the texts; a sequence, or commas between.
        label_field: Name of the column with the label.
        classes: Names of the classes; by default the labels of the train part.
        settings: As in `TextTask`.
    """

    any_form = True
    train_file = "train.tsv"
    test_file = "test.tsv"
    main_metric = "macro_f1"
    classes: tuple[str, ...] = ()

    def __init__(
        self,
        text_fields: str | Sequence[str] | None = None,
        label_field: str = "label",
        classes: str | Sequence[str] = (),
        **settings,
    ):
        super().__init__(**settings)
        self.source_fields = listed(text_fields) or self.text_fields
        if len(self.source_fields) != len(self.text_fields):
            expected, given = len(self.text_fields), ", ".join(self.source_fields)
            raise ValueError(f"text_fields='{given}': {self.name} needs {expected} of them")
        self.label_field = label_field
        self.classes = class_names(classes, "classes")

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
        label = row[self.label_field]
        if not isinstance(label, str | int) or not str(label).strip():
            problem = f"field '{self.label_field}' is neither text nor a whole number"
            raise InputError(place, problem, "write the name of a class")
        label = str(label)
        if self.classes:
            self.class_number(label, place)
        elif label.strip().casefold() in MISSING:
            problem = f"field '{self.label_field}' is '{label}', as tables spell a missing value"
            cure = "write the name of a class, or list it in config.task.classes"
            raise InputError(place, problem, cure)
        return example | {"label": label}

    def adapt(self, examples: Sequence[dict]) -> None:
        if not self.classes:
            self.classes = self._found(examples)
        super().adapt(examples)

    def _found(self, examples: Sequence[dict]) -> tuple[str, ...]:
        """Return the labels of examples, numbers in their order.

        Raises:
            InputError: If there is only one.
        """
        found = sorted_labels({example["label"] for example in examples})
        if len(found) < 2:
            problem = f"'{found[0]}' is the only label in {self.train_file}"
            raise InputError("config.task.label_field", problem, "name the column of the labels")
        return tuple(found)

    def targets(self, examples: Sequence[dict]) -> np.ndarray:
        numbers = {name: i for i, name in enumerate(self.classes)}
        return np.array([numbers[example["label"]] for example in examples], dtype=np.int32)

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
        own = {"text_fields": list(self.source_fields), "label_field": self.label_field}
        return super().settings() | own | {"classes": list(self.classes)}

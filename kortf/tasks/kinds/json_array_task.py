"""Classification and regression of files that are JSON arrays, as those of KLUE."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from kortf import files
from kortf.errors import InputError
from kortf.tasks.kinds.text_task import TextTask
from kortf.tasks.readers.table import Row, read_json_array


class JsonArrayTask(TextTask):
    """A task whose files are JSON arrays of objects with a `guid`; combine it with a kind.

    Attributes:
        sources_of_texts: Field of the files for each of `text_fields`.
        label_field: Field of the label.
    """

    sources_of_texts: tuple[str, ...]
    label_field: str = "label"

    @property
    def columns(self) -> tuple[str, ...]:
        return ("guid", *self.sources_of_texts, self.label_field)

    def rows(self, path: str) -> Iterator[Row]:
        return read_json_array(path, self.columns)

    def texts(self, row: dict, place: str) -> dict:
        """Return the texts of a row by `text_fields`.

        Raises:
            InputError: If a field is not a string.
        """
        found = {"id": str(row["guid"])}
        for name, source in zip(self.text_fields, self.sources_of_texts, strict=True):
            if not isinstance(row[source], str):
                raise InputError(place, f"field '{source}' is not text", "write a string")
            found[name] = row[source]
        return found

    def fields(self, example: dict, answer: str) -> Iterable[str]:
        return [example["id"], answer]

    def write_predictions(
        self, path: str, found: dict[str, np.ndarray], examples: Sequence[dict]
    ) -> str:
        path += ".json"
        answers = self.answers(found["scores"])
        rows = [
            dict(zip(("guid", self.label_field), self.fields(example, answer), strict=True))
            for example, answer in zip(examples, answers, strict=True)
        ]
        files.write_json(path, rows)
        return path

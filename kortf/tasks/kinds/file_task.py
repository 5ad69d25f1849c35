"""What tasks share that read rows of published files."""

import abc
import os
from collections.abc import Iterable

from kortf.errors import InputError
from kortf.tasks.task import Task

NAMED_BAD_ROWS = 20  # rows that were passed over and stand in the report; the rest is counted


class FileTask(Task, abc.ABC):
    """A task whose files hold a row, or a block, an example.

    Args:
        dropout: rate before the head's dense layer; the encoder's if None.
        train_file: name of the file to train on, or of several with commas between; the published
            ones if None.
        dev_file: name of the file to choose the epoch on; "" holds a part of the train file back.
        test_file: name of the file to score.

    Attributes:
        note: what has to be said about the scores.
    """

    note: str = ""

    def __init__(
        self,
        dropout: float | None = None,
        train_file: str | None = None,
        dev_file: str | None = None,
        test_file: str | None = None,
    ):
        self.dropout = dropout
        self.train_file = self.train_file if train_file is None else train_file
        self.dev_file = (self.dev_file if dev_file is None else dev_file) or None
        self.test_file = self.test_file if test_file is None else test_file
        self.dropped: dict[str, int] = {}
        self.bad_rows: dict[str, list[str]] = {}

    @abc.abstractmethod
    def rows(self, path: str) -> Iterable[tuple]:
        """Rows of a published file: `(place, row)`, or an InputError in place of the row."""

    @abc.abstractmethod
    def example(self, row, place: str) -> dict | None:
        """The example that a row is; None drops it.

        Raises:
            InputError: the row cannot be used.
        """

    def read(self, path: str) -> list[dict]:
        examples, dropped, bad = [], 0, []
        for place, row in self.rows(path):
            try:
                if isinstance(row, InputError):
                    raise row
                example = self.example(row, place)
            except InputError as error:
                if not self.skip_bad_rows:
                    raise
                bad.append(str(error))
                continue
            dropped += example is None
            if example is not None:
                examples.append(example)
        if not examples:
            problem = "there are no rows in it"
            if dropped or bad:
                problem = f"none of its {dropped + len(bad)} rows can be used"
            raise InputError(path, problem, "fetch the file again")
        name = os.path.basename(path)
        self.dropped[name], self.bad_rows[name] = dropped, bad
        return examples

    def notes(self) -> dict:
        found = {"dropped": {name: number for name, number in self.dropped.items() if number}}
        bad = {name: rows for name, rows in self.bad_rows.items() if rows}
        found["bad_rows"] = {
            name: {"count": len(rows), "first": rows[:NAMED_BAD_ROWS]} for name, rows in bad.items()
        }
        found["note"] = self.note
        return {name: value for name, value in found.items() if value}

    def settings(self) -> dict:
        return {
            "dropout": self.dropout,
            "train_file": self.train_file,
            "dev_file": self.dev_file or "",
            "test_file": self.test_file,
        }

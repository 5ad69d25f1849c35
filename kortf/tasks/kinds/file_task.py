"""Tasks that read rows of published files."""

import abc
from collections.abc import Iterable

from kortf.errors import InputError
from kortf.ranges import Fraction
from kortf.tasks.readers.names import short_names
from kortf.tasks.task import Task

NAMED_BAD_ROWS = 20  # skipped rows that the report names; the others are only counted


class FileTask(Task, abc.ABC):
    """A task whose files hold a row, or a block, an example.

    Args:
        dropout: Dropout rate before the head's dense layer; the encoder's if None.
        train_file: File to train on, or several with commas between; the published ones if None.
        dev_file: File to choose the epoch on; "" holds back a share of the train file.
        test_file: File to score.

    Attributes:
        note: Remark on the scores for `eval.json`.
    """

    note: str = ""

    def __init__(
        self,
        dropout: Fraction | None = None,
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
        self.repairs: dict[str, dict[str, int | str]] = {}

    @abc.abstractmethod
    def rows(self, path: str) -> Iterable[tuple]:
        """Yield the rows of a published file: `(place, row)`, or an InputError instead of a row."""

    @abc.abstractmethod
    def example(self, row, place: str) -> dict | None:
        """Make an example of a row; None drops the row.

        Raises:
            InputError: If the row cannot be used.
        """

    def finish(self, examples: list[dict], path: str) -> list[dict]:
        """Check or convert the examples of a file as a whole.

        Repairs are counted in `self.repairs[path]`, from where `notes` reports them.

        Raises:
            InputError: If the examples contradict each other.
        """
        del path
        return examples

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
        self.dropped[path], self.bad_rows[path], self.repairs[path] = dropped, bad, {}
        return self.finish(examples, path)

    def leave_out(self, path: str, number: int) -> None:
        self.dropped[path] = self.dropped.get(path, 0) + number

    def notes(self) -> dict:
        names = short_names(self.dropped)
        found = {
            "dropped": {names[path]: number for path, number in self.dropped.items() if number},
            "bad_rows": {
                names[path]: {"count": len(rows), "first": rows[:NAMED_BAD_ROWS]}
                for path, rows in self.bad_rows.items()
                if rows
            },
            "repairs": {names[path]: made for path, made in self.repairs.items() if made},
            "note": self.note,
        }
        return {name: value for name, value in found.items() if value}

    def settings(self) -> dict:
        return {
            "dropout": self.dropout,
            "train_file": self.train_file,
            "dev_file": self.dev_file or "",
            "test_file": self.test_file,
        }

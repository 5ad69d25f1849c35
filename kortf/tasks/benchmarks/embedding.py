"""Sentence embeddings on files of sentences, pairs, triples, scored pairs or NLI rows.

The form of a file follows from its ending and its columns (`kortf/tasks/readers/sentences.py`):
KorSTS, KLUE-STS, KorNLI and KLUE-NLI are read as published.
"""

from collections.abc import Iterator, Sequence

from kortf.errors import InputError
from kortf.ranges import Number
from kortf.tasks.kinds.embedding.task import EmbeddingTask
from kortf.tasks.kinds.regression import check_bounds, number_of
from kortf.tasks.readers.names import listed, short_names
from kortf.tasks.readers.sentences import NLI, SCORED, SentenceFile, triples_of_nli

_FIELDS = ("text", "text_pair")
_NLI_LABELS = ("entailment", "neutral", "contradiction")


class Embedding(EmbeddingTask):
    """Sentence embeddings, scored by Spearman's correlation of cosines, or by retrieval.

    Args:
        columns: Names of the columns of `.tsv` files without a header, in order, or `NAME=MEANING`
            for columns with other names; commas between.
        low: Least score of scored pairs.
        high: Greatest score.
        settings: As in `EmbeddingTask`.

    Attributes:
        forms: Form of each file that has been read.
    """

    name = "embedding"
    train_file = "train.tsv"
    test_file = ""

    def __init__(
        self,
        columns: str | Sequence[str] = (),
        low: Number = 0.0,
        high: Number = 5.0,
        **settings,
    ):
        super().__init__(**settings)
        check_bounds(low, high)
        self.columns = listed(columns)
        renaming = [name for name in self.columns if "=" in name]
        if renaming and len(renaming) < len(self.columns):
            raise ValueError(f"columns='{','.join(self.columns)}': write NAME=MEANING for all")
        self._renamed = dict(name.split("=", 1) for name in renaming)
        self.bounds = (float(low), float(high))
        self.forms: dict[str, str] = {}

    def rows(self, path: str) -> Iterator[tuple]:
        names = () if self._renamed else self.columns
        file = SentenceFile(path, names, self._renamed)
        self.forms[path] = file.form.name
        negatives = [f"negative{i}" for i in range(1, len(file.form.texts) - 1)]
        fields = (*_FIELDS[: len(file.form.texts)], *negatives)
        for place, row in file.rows():
            if not isinstance(row, InputError):
                row = (file.form, dict(zip(fields, file.form.texts, strict=True)), row)
            yield place, row

    def example(self, row: tuple, place: str) -> dict:
        form, fields, values = row
        example = {}
        for field, column in fields.items():
            text = values[column]
            if not isinstance(text, str) or not text.strip():
                problem = f"'{column}' is {'empty' if isinstance(text, str) else 'not text'}"
                raise InputError(place, problem, "write a sentence, or remove the row")
            example[field] = text
        if form.name == SCORED:
            return example | {"label": self._score(values[form.label], place)}
        if form.name == NLI:
            return example | {"gold": self._nli_label(values[form.label], place)}
        return example

    def finish(self, examples: list[dict], path: str) -> list[dict]:
        if self.forms[path] != NLI:
            return examples
        found, left_out = triples_of_nli(examples)
        if not found:
            problem = "no premise has both an entailed and a contradicting sentence"
            raise InputError(path, problem, "name another file")
        if left_out:
            kind = "premises without both an entailment and a contradiction, left out"
            self.repairs[path][kind] = left_out
        return found

    def notes(self) -> dict:
        names = short_names(self.forms)
        forms = {names[path]: form for path, form in self.forms.items()}
        return ({"forms": forms} if forms else {}) | super().notes()

    def settings(self) -> dict:
        own = {"columns": list(self.columns), "low": self.bounds[0], "high": self.bounds[1]}
        return super().settings() | own

    def _score(self, written, place: str) -> float:
        """Parse a score of a file, or KLUE-STS's `{"real-label": …}`."""
        if isinstance(written, dict):
            written = written.get("real-label")
        low, high = self.bounds
        value = number_of(written)
        if low <= value <= high:
            return value
        problem = f"score '{str(written)[:80]}' is not a number from {low:g} to {high:g}"
        cure = "correct the score, or set config.task.low and config.task.high"
        raise InputError(place, problem, cure)

    @staticmethod
    def _nli_label(written, place: str) -> str:
        if written in _NLI_LABELS:
            return written
        problem = f"label '{str(written)[:80]}' is not one of {', '.join(_NLI_LABELS)}"
        raise InputError(place, problem, "correct the label")

"""Files of sentences, pairs, triples, scored pairs and NLI rows, recognized by their columns."""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kortf import files
from kortf.errors import InputError
from kortf.lines import read_lines
from kortf.strict_json import parse_json
from kortf.tasks.readers.table import read_json_array, read_table, read_tsv

SENTENCES, PAIRS, TRIPLES, SCORED, NLI = "sentences", "pairs", "triples", "scored pairs", "nli"
LINES_ENDING, TSV_ENDING, ARRAY_ENDING = ".txt", ".tsv", ".json"
JSON_LINES_ENDINGS = (".jsonl", ".ndjson")
# Columns of the two texts, the first pair of which a file has both.
_PAIRS = (
    ("anchor", "positive"), ("query", "positive"), ("premise", "hypothesis"),
    ("sentence1", "sentence2"), ("text", "text_pair"),
)  # fmt: skip
_ALONE = ("text", "sentence")
_SCORES = ("score", "labels")  # `labels` as in KLUE-STS
_NLI_LABEL = "gold_label"
_NEGATIVE = re.compile(r"negative(_?\d+)?")
_KNOWN = "text, anchor, positive, negative, sentence1, sentence2, score or gold_label"
_CURE = f"name the columns in the first line ({_KNOWN}), or set config.task.columns"


@dataclass(frozen=True)
class Form:
    """Columns of a file.

    Attributes:
        name: `sentences`, `pairs`, `triples`, `scored pairs` or `nli`.
        texts: Columns of the texts: one, or the two of a pair, then those of the hard negatives.
        label: Column of the score or of the NLI label; "" for none.
    """

    name: str
    texts: tuple[str, ...]
    label: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that are read."""
        return (*self.texts, self.label) if self.label else self.texts


def form_of(columns: Sequence[str]) -> Form | None:
    """Recognize a form by the names of columns; None if there is none.

    Example:
        >>> form_of(["id", "score", "sentence1", "sentence2"])
        Form(name='scored pairs', texts=('sentence1', 'sentence2'), label='score')
        >>> form_of(["anchor", "positive", "negative"]).name
        'triples'
    """
    pair = next((pair for pair in _PAIRS if set(pair) <= set(columns)), None)
    if pair is None:
        alone = next((name for name in _ALONE if name in columns), None)
        return Form(SENTENCES, (alone,)) if alone else None
    if _NLI_LABEL in columns:
        return Form(NLI, pair, _NLI_LABEL)
    score = next((name for name in _SCORES if name in columns), None)
    if score:
        return Form(SCORED, pair, score)
    negatives = tuple(name for name in columns if _NEGATIVE.fullmatch(name))
    return Form(TRIPLES, (*pair, *negatives)) if negatives else Form(PAIRS, pair)


class SentenceFile:
    """A file of sentences, pairs or triples.

    `.txt` has a sentence a line; `.tsv` is tab-separated; `.jsonl` and `.json` hold objects.

    Args:
        path: File in UTF-8.
        names: Names of the columns of a `.tsv` file without a header, in order.
        renamed: Column of the file to the name that it stands for.

    Attributes:
        form: Columns of the file.

    Raises:
        InputError: The file is missing or empty, or its columns are not known.
    """

    def __init__(self, path: str, names: Sequence[str] = (), renamed: dict[str, str] | None = None):
        self.path = path
        self._renamed = renamed or {}
        self._header = True
        if path.endswith(LINES_ENDING):
            self.form = Form(SENTENCES, ("text",))
            return
        place, given = self._columns()
        own = [self._renamed.get(name, name) for name in given]
        twice = next((name for name in own if own.count(name) > 1), None)
        form = form_of(own)
        if path.endswith(TSV_ENDING) and (form is None or twice) and names:
            self._header, own, form, twice = False, list(names), form_of(names), None
        if form is None or twice:
            problem = f"the column '{twice}' is there twice" if twice else "the columns are unknown"
            raise InputError(place, f"{problem} ({', '.join(own)[:200]})", _CURE)
        if "label" in own and not form.label:
            problem = "a column 'label' beside the texts: its meaning is not known"
            raise InputError(place, problem, "rename it to score, or remove it")
        self.form, self._own = form, own

    def rows(self) -> Iterator[tuple[str, dict | InputError]]:
        """Yield `(place, fields by the names of the form's columns)`, or an InputError instead."""
        if self.path.endswith(LINES_ENDING):
            yield from self._lines()
            return
        back = {ours: theirs for theirs, ours in self._renamed.items()}
        wanted = [back.get(name, name) for name in self.form.columns]
        if self.path.endswith(TSV_ENDING) and self._header:
            rows = read_tsv(self.path, wanted)
        elif self.path.endswith(TSV_ENDING):
            rows, wanted = read_tsv(self.path, self._own, header=False), self.form.columns
        elif self.path.endswith(JSON_LINES_ENDINGS):
            rows = read_table(self.path, wanted)
        else:
            rows = read_json_array(self.path, wanted)
        for place, row in rows:
            if not isinstance(row, InputError):
                pairs = zip(self.form.columns, wanted, strict=True)
                row = {ours: row[theirs] for ours, theirs in pairs}
            yield place, row

    def _lines(self) -> Iterator[tuple[str, dict | InputError]]:
        for place, line in read_lines(self.path):
            if isinstance(line, InputError):
                yield place, line
            elif "\t" in line:
                problem = "a tab in a line of a file of sentences"
                cure = "name a table .tsv, with a header, or replace the tab by a space"
                yield place, InputError(place, problem, cure)
            else:
                yield place, {"text": line}

    def _columns(self) -> tuple[str, list[str]]:
        """Return the place of the first row and the names in it."""
        if self.path.endswith(TSV_ENDING):
            place, line = next(read_lines(self.path))
            if isinstance(line, InputError):
                raise line
            return place, line.split("\t")
        if self.path.endswith(JSON_LINES_ENDINGS):
            lines = (each for each in read_lines(self.path) if each[1])
            place, line = next(itertools.chain(lines, [(f"{self.path}, line 1", "")]))
            if isinstance(line, InputError):
                raise line
            row = parse_json(line, place, "write one JSON object a line")
        elif self.path.endswith(ARRAY_ENDING):
            rows, place = files.read_json(self.path), f"{self.path}, row 1"
            if not isinstance(rows, list) or not rows:
                raise InputError(self.path, "not a JSON array with rows", "name another file")
            row = rows[0]
        else:
            endings = ", ".join((LINES_ENDING, TSV_ENDING, *JSON_LINES_ENDINGS, ARRAY_ENDING))
            raise InputError(self.path, "the ending is not known", f"use one of {endings}")
        if not isinstance(row, dict):
            raise InputError(place, "not a JSON object", "write one JSON object a row")
        return place, list(row)


def triples_of_nli(rows: Sequence[dict]) -> tuple[list[dict], int]:
    """Turn NLI rows into (premise, entailment, contradiction).

    The n-th entailed sentence of a premise is paired with its n-th contradiction, in turns.

    Args:
        rows: `text` (the premise), `text_pair` and `gold`.

    Returns:
        `(examples with text, text_pair and negative1, number of premises left out)`: those without
        an entailed or without a contradicting sentence.
    """
    found: dict[str, dict[str, list[str]]] = {}
    for row in rows:
        found.setdefault(row["text"], {}).setdefault(row["gold"], []).append(row["text_pair"])
    examples, left_out = [], 0
    for premise, sentences in found.items():
        positives = sentences.get("entailment", [])
        negatives = sentences.get("contradiction", [])
        left_out += not (positives and negatives)
        examples += [
            {"text": premise, "text_pair": positive, "negative1": negative}
            for positive, negative in zip(positives, itertools.cycle(negatives), strict=False)
        ]
    return examples, left_out

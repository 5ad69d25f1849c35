"""Predictions beside what the scored file holds: a row an example that both have."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kortf import files
from kortf.report.errors.gold import NoGold, find_scored_file
from kortf.report.run import Run

LABELS = ("label", "gold_label", "is_duplicate", "score")  # what published files call it
JSON_LINES = (".jsonl", ".ndjson")
TSV, JSONL = "predictions.tsv", "predictions.jsonl"


@dataclass(frozen=True)
class Answer:
    """One example.

    Attributes:
        text: of the example; of a pair, both with a bar between.
        gold: label in the scored file.
        predicted: what the model says.
    """

    text: str
    gold: str
    predicted: str


def read_answers(run: Run, data: Sequence[str]) -> list[Answer]:
    """The examples that a run was scored on, with gold and predicted label.

    Args:
        run: with an evaluation.
        data: directories that may hold the scored file.

    Raises:
        NoGold: it is not at hand, or does not fit the predictions.
    """
    path = next((p for n in (TSV, JSONL) if files.exists(p := os.path.join(run.path, n))), None)
    if path is None:
        raise NoGold("there are no predictions a row an example in the work directory")
    predictions = _rows(path, ())
    if not predictions:
        raise NoGold(f"{path} is empty")
    columns = tuple(predictions[0])
    label = _label_column(run, columns)
    gold_path = find_scored_file(run, data)
    gold = iter(_rows(gold_path, columns))
    answers = []
    for row in predictions:
        key = _key(row, columns, label)
        # Rows that the task dropped stand in the gold file only.
        match = next((other for other in gold if _key(other, columns, label) == key), None)
        if match is None:
            raise NoGold(f"{path} and {gold_path} do not hold the same rows")
        texts = [row[c] for c in columns if c != label and _is_text(c)]
        answers.append(Answer(" │ ".join(texts), str(match[label]), str(row[label])))
    return answers


def _label_column(run: Run, columns: Sequence[str]) -> str:
    task = run.config["task"]
    settings = (run.model.get("kortf") or {}).get("task_settings") or {}
    named = [source.get(k) for source in (settings, task) for k in ("label_field", "target")]
    for name in (*named, *LABELS):
        if name in columns:
            return name
    raise NoGold(f"no column of the predictions ({', '.join(columns)}) is known as the label")


def _rows(path: str, columns: Sequence[str]) -> list[dict]:
    """Rows of a table; `columns` are those of a file without a header."""
    with files.open_file(path) as file:
        lines = file.read().decode("utf-8-sig", errors="replace").removesuffix("\n").split("\n")
    lines = [line.removesuffix("\r") for line in lines]
    if path.endswith(JSON_LINES) or path.endswith(".json"):
        return list(_objects(lines, path))
    header = lines[0].split("\t")
    if columns and not set(columns) <= set(header):
        header = list(columns)
    else:
        lines = lines[1:]
    split = (line.split("\t") for line in lines)
    return [dict(zip(header, row, strict=True)) for row in split if len(row) == len(header)]


def _objects(lines: Sequence[str], path: str) -> Iterator[dict]:
    for line in lines:
        if line.strip():
            try:
                value = json.loads(line)
            except ValueError as error:
                raise NoGold(f"{path} is not JSON lines") from error
            if isinstance(value, dict):
                yield value


def _key(row: dict, columns: Sequence[str], label: str) -> tuple[str, ...]:
    """What makes a row itself; quotation marks aside, since tasks undo the quoting of files."""
    return tuple(str(row.get(c)).replace('"', "") for c in columns if c != label)


def _is_text(column: str) -> bool:
    return column not in ("id", "genre", "filename", "year", "guid")

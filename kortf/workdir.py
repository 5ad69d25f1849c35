"""Files of a work directory: their names, and one reader for each."""

import json
import os
from collections.abc import Iterable, Mapping

from kortf import files
from kortf.errors import InputError

CONFIG_FILE = "config.json"  # resolved config of the run, and hashes of its inputs
METRICS_FILE = "metrics.jsonl"
EVALUATION_FILE = "eval.json"
EXAMPLES_FILE = "examples.jsonl"
SEEDS_FILE = "seeds.json"
CHECKPOINTS = "checkpoints"
MODEL = "model"
BEST = "best"  # model directories of the runners-up, by rank from 2
PREDICTIONS = "predictions"  # plus the extension of the benchmark's own format

# Keys of the config that may change when a run continues: they do not change what is trained.
FREE_KEYS = (
    "log_every", "eval_every", "eval_batches", "checkpoint_every", "keep_checkpoints", "keep_best",
)  # fmt: skip


def is_workdir(directory: str) -> bool:
    """Return whether a directory has the `config.json` of a run, not that of a model."""
    path = os.path.join(directory, CONFIG_FILE)
    if not files.exists(path):
        return False
    value = files.read_json(path)
    return isinstance(value, dict) and {"config", "inputs"} <= set(value)


def read_config(directory: str) -> dict:
    """Return `{"config": resolved config, "inputs": hashes, …}` of a run.

    Raises:
        InputError: If the directory is missing, or is not a work directory.
    """
    if not files.exists(directory):
        raise InputError(directory, "no such directory", "name the --workdir of a run")
    if not is_workdir(directory):
        problem = "is not a work directory: it has no config.json of a run"
        raise InputError(directory, problem, "name the --workdir of kortf pretrain or finetune")
    return files.read_json(os.path.join(directory, CONFIG_FILE))


def read_evaluation(directory: str) -> dict | None:
    """Return the content of `eval.json`; None before the run has finished.

    Raises:
        InputError: If the file is damaged.
    """
    return read_object(os.path.join(directory, EVALUATION_FILE))


def read_model_config(directory: str) -> dict:
    """Return the `config.json` of the model directory; empty before there is one.

    Raises:
        InputError: If the file is damaged.
    """
    return read_object(os.path.join(directory, MODEL, CONFIG_FILE)) or {}


def read_object(path: str) -> dict | None:
    """Return the JSON object in a file, or None without a file.

    Raises:
        InputError: If the file holds something else.
    """
    if not files.exists(path):
        return None
    value = files.read_json(path)
    if not isinstance(value, dict):
        raise InputError(path, "not a JSON object", "run the command that wrote it again")
    return value


def write_examples(directory: str, rows: Iterable[Mapping]) -> str:
    """Write `examples.jsonl`; return its path.

    Args:
        directory: Work directory, or the `--output` of `kortf evaluate`.
        rows: For each scored example its texts by field, then `gold`, `predicted` and `score`.
    """
    path = os.path.join(directory, EXAMPLES_FILE)
    files.write_json_lines(path, rows)
    return path


def read_examples(directory: str) -> list[dict] | None:
    """Return the rows of `examples.jsonl`, or None without a file.

    Raises:
        InputError: If a line is not an object with `gold` and `predicted`.
    """
    path = os.path.join(directory, EXAMPLES_FILE)
    if not files.exists(path):
        return None
    rows = []
    with files.open_file(path) as file:
        for number, line in enumerate(file.read().splitlines(), start=1):
            row = _parsed(line)
            if row is None or not {"gold", "predicted"} <= set(row):
                problem = "not an object with gold and predicted"
                raise InputError(f"{path}, line {number}", problem, "run kortf evaluate again")
            rows.append(row)
    return rows


def read_metrics(directory: str) -> list[dict]:
    """Return the lines of `metrics.jsonl`, also while a run is writing it.

    An incomplete last line is skipped: a run may be writing it, or was killed.

    Example: of a file with the lines `{"step": 1, "loss": 2.5}` and `{"step": 2, "lo`
        >>> read_metrics("runs/bert")
        [{'step': 1, 'loss': 2.5}]

    Raises:
        InputError: If another line is not a JSON object with a step.
    """
    path = os.path.join(directory, METRICS_FILE)
    if not files.exists(path):
        return []
    with files.open_file(path) as file:
        lines = file.read().split(b"\n")
    found = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        value = _parsed(line)
        if value is not None and isinstance(value.get("step"), int):
            found.append(value)
        elif number < len(lines):  # an incomplete last line has no line end
            place = f"{path}, line {number}"
            cure = "remove the line, or copy the file again from where the run is"
            raise InputError(place, "not a JSON object with a step", cure)
    return found


def _parsed(line: bytes) -> dict | None:
    try:
        value = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None

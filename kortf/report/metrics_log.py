"""Reads `metrics.jsonl`, also while a run is writing it."""

import json

from kortf import files
from kortf.errors import InputError


def read_metrics(path: str) -> list[dict]:
    """The lines of a `metrics.jsonl`, in order.

    A last line that breaks off is passed over: a run may be writing it, or died while it did.

    Example: of a file with the lines `{"step": 1, "loss": 2.5}` and `{"step": 2, "lo`
        >>> read_metrics("metrics.jsonl")
        [{'step': 1, 'loss': 2.5}]

    Args:
        path: the file; it may not be there yet.

    Returns:
        One dictionary a line, each with a `step`.

    Raises:
        InputError: a line before the last is not what kortf writes.
    """
    if not files.exists(path):
        return []
    with files.open_file(path) as file:
        lines = file.read().split(b"\n")
    found = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        value = _parsed(line)
        if value is not None:
            found.append(value)
        elif number < len(lines):  # what follows the last line end is still being written
            place = f"{path}, line {number}"
            cure = "remove the line, or copy the file again from where the run is"
            raise InputError(place, "not a JSON object with a step", cure)
    return found


def _parsed(line: bytes) -> dict | None:
    try:
        value = json.loads(line.decode("utf-8"))
    except ValueError:
        return None
    steps = isinstance(value, dict) and isinstance(value.get("step"), int)
    return value if steps else None

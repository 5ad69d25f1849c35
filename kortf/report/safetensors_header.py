"""The header of a safetensors file: a run's state and a model's size, without the tensors."""

import json
import math
import os

from kortf import files

LARGEST_HEADER = 100_000_000  # bytes, the format's own limit


def read_header(path: str) -> dict:
    """The header of a safetensors file; empty if the file is broken or not there."""
    try:
        with files.open_file(path) as file:
            length = int.from_bytes(file.read(8), "little")
            if length > LARGEST_HEADER:
                return {}
            header = json.loads(file.read(length))
    except (OSError, ValueError):
        return {}
    return header if isinstance(header, dict) else {}


def read_state(directory: str) -> dict:
    """The state of the newest checkpoint in a directory: `step`, `seconds`, `tokens`, …

    Empty if there is no checkpoint that can be read.
    """
    if not files.exists(directory):
        return {}
    names = [name for name in files.listdir(directory) if name.endswith(".safetensors")]
    for name in reversed(names):  # their numbers have leading zeros: sorted by step
        metadata = read_header(os.path.join(directory, name)).get("__metadata__", {})
        try:
            return json.loads(metadata["state"])
        except (KeyError, TypeError, ValueError):
            continue
    return {}


def count_weights(path: str) -> int | None:
    """How many numbers the tensors of a safetensors file hold; None if it cannot be read."""
    header = read_header(path)
    shapes = [entry["shape"] for name, entry in header.items() if name != "__metadata__"]
    return sum(math.prod(shape) for shape in shapes) or None

"""State of a run and size of a model, from the headers of safetensors files."""

import json
import math
import os

from kortf import files

LARGEST_HEADER = 100_000_000  # bytes, the format's own limit


def read_header(path: str) -> dict:
    """Return the header of a safetensors file; empty if the file is missing or damaged."""
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
    """Return the state of the newest checkpoint: `step`, `seconds`, `tokens`; empty without one."""
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
    """Return the number of weights in a safetensors file; None if it cannot be read."""
    header = read_header(path)
    shapes = [entry["shape"] for name, entry in header.items() if name != "__metadata__"]
    return sum(math.prod(shape) for shape in shapes) or None

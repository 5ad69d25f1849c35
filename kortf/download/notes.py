"""Record fetched files in `downloads.json`: address, revision, size and SHA-256 of each."""

import os

from kortf import files
from kortf.errors import InputError

RECORD = "downloads.json"


def notes(output: str) -> dict:
    """Return the records of a directory, file name to what was noted.

    Raises:
        InputError: The file is not one that `kortf download` writes.
    """
    path = os.path.join(output, RECORD)
    content = files.read_json(path) if os.path.exists(path) else {"files": {}}
    if not isinstance(content, dict) or not isinstance(content.get("files"), dict):
        raise InputError(path, "is not what kortf download writes", "remove it")
    if not all(isinstance(each, dict) for each in content["files"].values()):
        raise InputError(f"{path}, files", "is not what kortf download writes", "remove it")
    return content["files"]


def note(output: str, name: str, values: dict) -> None:
    """Record one file; the others stay as they are."""
    files.write_json(os.path.join(output, RECORD), {"files": {**notes(output), name: values}})

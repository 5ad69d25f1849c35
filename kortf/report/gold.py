"""Finds the file that a run was scored on, by its name and its hash."""

import glob
import hashlib
import os
from collections.abc import Sequence

from kortf import files
from kortf.report.run import Run


class NoGold(Exception):
    """What was scored is not at hand; the message says what is missing."""


def find_scored_file(run: Run, data: Sequence[str]) -> str:
    """The file that `eval.json` speaks of.

    Args:
        run: with an evaluation.
        data: directories to look in, and below, two levels deep.

    Raises:
        NoGold: it is not there, or not the same one.
    """
    name = _scored_name(run)
    if not data:
        raise NoGold(f"give --data=DIR with {name} in it")
    expected = run.evaluation["data"][name]
    other = None
    for directory in data:
        for below in ("", "*", os.path.join("*", "*")):
            pattern = os.path.join(glob.escape(directory), below, glob.escape(name))
            for path in sorted(glob.glob(pattern)):
                if sha256(path) == expected:
                    return path
                other = path
    if other:
        raise NoGold(f"{other} is not the {name} that was scored: its SHA-256 differs")
    raise NoGold(f"there is no {name} below {', '.join(data)}")


def _scored_name(run: Run) -> str:
    hashes = run.evaluation.get("data") or {}
    settings = (run.model.get("kortf") or {}).get("task_settings") or {}
    part = f"{run.evaluation.get('split', 'test')}_file"
    named = settings.get(part) or run.config["task"].get(part)
    if named in hashes:
        return named
    counts = run.evaluation.get("counts") or {}
    by_name = [n for n in hashes if any(mark in n.lower() for mark in ("test", "dev", "testb"))]
    for candidates in (list(hashes), [n for n in by_name if "test" in n.lower()], by_name):
        if len(candidates) == 1:
            return candidates[0]
    if len(hashes) == len(counts) and "test" in counts:
        return list(hashes)[-1]
    raise NoGold("eval.json does not say which file was scored")


def sha256(path: str) -> str:
    """SHA-256 of a file, hex."""
    with files.open_file(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

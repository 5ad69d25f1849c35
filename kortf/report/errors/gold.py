"""Finds the file that a run was scored on, by its name and its hash."""

import glob
import os
import re
from collections.abc import Sequence

from kortf import files
from kortf.report.run import Run


class NoGold(Exception):
    """What was scored is not at hand; the message says what is missing."""


def find_scored_file(run: Run, data: Sequence[str], name: str | None = None) -> str:
    """The file that `eval.json` speaks of.

    Args:
        run: with an evaluation.
        data: directories to look in, and below, two levels deep.
        name: of one of the files in `eval.json`; the scored one if not given.

    Raises:
        NoGold: it is not there, or not the same one.
    """
    name = name or scored_name(run)
    if not data:
        raise NoGold(f"give --data=DIR with {name} in it")
    expected = run.evaluation["data"].get(name)
    other = None
    for directory in data:
        for below in ("", "*", os.path.join("*", "*")):
            pattern = os.path.join(glob.escape(directory), below, glob.escape(name))
            for path in sorted(glob.glob(pattern)):
                if files.sha256_of(path) == expected:
                    return path
                other = path
    if other:
        raise NoGold(f"{other} is not the {name} that was scored: its SHA-256 differs")
    raise NoGold(f"there is no {name} below {', '.join(data)}")


def scored_name(run: Run) -> str:
    """Name of the file that was scored, or of the one among several that a task names.

    Raises:
        NoGold: neither the model directory nor `eval.json` says.
    """
    hashes = list(run.evaluation.get("data") or {})
    settings = (run.model.get("kortf") or {}).get("task_settings") or {}
    part = f"{run.evaluation.get('split', 'test')}_file"
    named = settings.get(part) or run.config["task"].get(part) or ""
    named = re.sub(r"\[\d*:\d*\]$", "", named)  # only some of its examples were scored
    if named in hashes:
        return named
    # Work directories of old do not say. Whose name has `test` in it is the one.
    candidates = hashes if len(hashes) == 1 else [n for n in hashes if "test" in n.lower()]
    if len(candidates) == 1:
        return candidates[0]
    raise NoGold("eval.json does not say which file was scored")

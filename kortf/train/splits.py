"""The parts of a benchmark: to train on, to choose by, to score."""

import os
import re
from collections.abc import Sequence

import numpy as np

from kortf import files
from kortf.errors import InputError
from kortf.tasks.task import Task
from kortf.train.evaluation.scoring import file_hash


def read_splits(
    task: Task, data: str, dev_share: float, seed: int
) -> tuple[dict[str, list[dict]], dict[str, str]]:
    """Reads the parts of a benchmark, and holds back a dev part where there is none.

    Args:
        task: that reads. Behind the name of a file may stand which of its examples are meant, such
            as `dev.tsv[:4000]`.
        data: directory of the published files.
        dev_share: share of the train rows that become the dev part; 0 if the test part is to be the
            dev part as well.
        seed: of the choice.

    Returns:
        `({"train", "dev", "test"}: examples, file name: SHA-256)`. Rows without text are left out
        of the train part.

    Raises:
        InputError: a file is missing or cannot be read, or the train part is the dev part as well.
    """
    names = {"train": task.train_file.split(","), "test": [task.test_file]}
    if task.dev_file and dev_share:
        names["dev"] = [task.dev_file]
        if task.dev_file in names["train"]:
            cure = "set --config.task.dev_file= to hold a part of it back"
            raise InputError("config.task.dev_file", f"{task.dev_file} is trained on", cure)
    chosen = {name: examples_meant(name) for part in names.values() for name in part}
    read = {file for name, _ in chosen.values() for file in task.files(name)}
    paths = {file: os.path.join(data, file) for file in sorted(read)}
    for path in paths.values():
        if not files.exists(path):
            raise InputError(path, "no such file", f"point --data at the directory of {task.name}")
    splits = {}
    for part in names:  # the train part first: a task may learn its classes from it
        splits[part] = []
        for file, meant in (chosen[name] for name in names[part]):
            splits[part] += task.read(os.path.join(data, file))[meant]
        if not splits[part]:
            cure = f"set --config.task.{part}_file"
            raise InputError(f"config.task.{part}_file", "there are no such examples", cure)
        if part == "train":
            task.adapt(splits[part])
    splits["train"] = [row for row in splits["train"] if any(row[f] for f in task.text_fields)]
    if not dev_share:
        splits["dev"] = splits["test"]
    elif not task.dev_file:
        splits["train"], splits["dev"] = hold_back(splits["train"], dev_share, seed)
    return splits, {name: file_hash(path) for name, path in paths.items()}


def examples_meant(name: str) -> tuple[str, slice]:
    """A file's name, and which of its examples are meant.

    Example:
        >>> examples_meant("dev.tsv[:4000]")
        ('dev.tsv', slice(None, 4000, None))
        >>> examples_meant("dev.tsv")
        ('dev.tsv', slice(None, None, None))
    """
    match = re.fullmatch(r"(.+)\[(\d*):(\d*)\]", name)
    if match is None:
        return name, slice(None)
    first, last = (int(number) if number else None for number in match.groups()[1:])
    return match[1], slice(first, last)


def hold_back(rows: Sequence[dict], share: float, seed: int) -> tuple[list[dict], list[dict]]:
    """Splits rows into (kept, held back) by chance; both stay in order."""
    number = max(1, round(share * len(rows)))
    held = np.zeros(len(rows), dtype=bool)
    held[np.random.default_rng([seed, len(rows)]).permutation(len(rows))[:number]] = True
    kept = [row for row, h in zip(rows, held, strict=True) if not h]
    return kept, [row for row, h in zip(rows, held, strict=True) if h]

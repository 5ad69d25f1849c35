"""Read the parts of a benchmark: train, dev and test."""

import itertools
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

import numpy as np

from kortf import files
from kortf.errors import InputError
from kortf.tasks.task import Task


def read_splits(
    task: Task,
    data: str,
    dev_share: float | None,
    seed: int,
    stratify: bool = False,
    fold: tuple[int, int] | None = None,
) -> tuple[dict[str, list[dict]], dict[str, str]]:
    """Read the parts of a benchmark, and hold back a dev part where there is none.

    Args:
        task: Task that reads. A file name may end in a slice of its examples, such as
            `dev.tsv[:4000]`.
        data: Directory of the published files.
        dev_share: Share of the train rows that becomes the dev part if there is no dev file. None
            takes the test part as the dev part, and reads no dev file.
        seed: Seed of the held-back rows.
        stratify: Whether to hold back the same share of the rows of each label.
        fold: `(number from 0, of how many)`: the part of the train rows that becomes the dev part,
            instead of a share of them.

    Returns:
        `({"train", "dev", "test"}: examples, file name: SHA-256)`. Rows without text are left out
        of the train part and counted by `Task.leave_out`. A part that a task can do without is
        empty: the test part where no file is named, the dev part where rows of the train part
        cannot be scored.

    Raises:
        InputError: If a file is missing or cannot be read, two parts have examples of a file in
            common, or a part is empty.
    """
    if fold is not None:
        _check_fold(task, dev_share, *fold)
    names = {"train": task.train_file.split(",")}
    if task.test_file or task.needs_test:
        names["test"] = [task.test_file]
    elif dev_share is None:
        cure = "set --config.task.test_file, or choose --protocol=honest"
        raise InputError("config.task.test_file", "no test part would choose the epoch", cure)
    if task.dev_file and dev_share is not None:
        names["dev"] = [task.dev_file]
    elif dev_share is not None and not 0 < dev_share < 1:
        problem = "must be above 0 and below 1: no dev part would choose the epoch"
        cure = "choose 0.05, name --config.task.dev_file, or choose --protocol=koelectra"
        raise InputError(f"config.dev_share={dev_share}", problem, cure)
    for part, each in names.items():
        if not all(name.strip() for name in each):
            place = f"config.task.{part}_file={','.join(each)}"
            raise InputError(place, "a file name is empty", "name a file, or leave the key out")
    chosen = {name: examples_meant(name) for part in names.values() for name in part}
    read = {file for name, _ in chosen.values() for file in task.files(name)}
    paths = {file: os.path.join(data, file) for file in sorted(read)}
    for path in paths.values():
        if not files.exists(path):
            raise InputError(path, "no such file", f"point --data at the directory of {task.name}")
    splits = {}
    positions: dict[str, dict[str, set[int]]] = {}
    empty: Counter[str] = Counter()
    for part in names:  # the train part first: a task may learn its classes from it
        splits[part] = []
        for file, meant in (chosen[name] for name in names[part]):
            examples = task.read(os.path.join(data, file))
            splits[part] += examples[meant]
            if part == "train":
                empty[os.path.join(data, file)] += _without_text(task, examples[meant])
            found = positions.setdefault(os.path.normpath(file), {}).setdefault(part, set())
            own = set(range(len(examples))[meant])
            if found & own:
                problem = f"{len(found & own):,} of its examples are twice in the {part} part"
                raise InputError(file, problem, f"name it once in config.task.{part}_file")
            found |= own
        if not splits[part]:
            cure = f"set --config.task.{part}_file"
            raise InputError(f"config.task.{part}_file", "there are no such examples", cure)
        if part == "train":
            task.adapt(splits[part])
    _check_disjoint(positions)
    fields = task.fields_of(splits["train"])
    splits["train"] = [row for row in splits["train"] if any(row[f] for f in fields)]
    for path, number in empty.items():
        task.leave_out(path, number)
    if not splits["train"]:
        cure = "name the column of the texts, or another file"
        raise InputError("config.task.train_file", "none of its rows has text", cure)
    if dev_share is None:
        splits["dev"] = splits["test"]
    elif not task.dev_file and not task.scorable(splits["train"]):
        splits["dev"] = []
    elif not task.dev_file:
        if len(splits["train"]) < 2:
            problem = "one example: it cannot be split into a train and a dev part"
            raise InputError("config.task.train_file", problem, "name --config.task.dev_file")
        splits["train"], splits["dev"] = hold_back(splits["train"], dev_share, seed, stratify, fold)
    splits.setdefault("test", [])
    return splits, {name: files.sha256_of(path) for name, path in paths.items()}


def _without_text(task: Task, examples: Sequence[dict]) -> int:
    """Return the number of examples without any text."""
    if not examples:
        return 0
    fields = task.fields_of(examples)
    return sum(not any(row[field] for field in fields) for row in examples)


def _check_fold(task: Task, dev_share: float | None, number: int, folds: int) -> None:
    if folds < 2 or number >= folds:
        problem = f"there is no fold {number} of {folds}"
        raise InputError(f"config.fold={number}", problem, "choose 0 to config.folds - 1")
    if dev_share is None:
        problem = "the test part is the dev part of this protocol"
        raise InputError("config.folds", problem, "choose --protocol=honest")
    if task.dev_file:
        problem = f"the task has a dev part, {task.dev_file}, and no fold would be used"
        raise InputError("config.folds", problem, "set --config.task.dev_file= to leave it out")


def _check_disjoint(positions: dict[str, dict[str, set[int]]]) -> None:
    """Refuse parts that have examples of a file in common."""
    for file, parts in positions.items():
        for one, other in itertools.combinations(sorted(parts), 2):
            both = len(parts[one] & parts[other])
            if both:
                problem = f"the {one} part and the {other} part share {both:,} of its examples"
                cure = "name disjoint parts (FILE[:100], FILE[100:])"
                if "dev" in (one, other):
                    cure += (
                        ", or set --config.task.dev_file= to hold back a share of the train part"
                    )
                raise InputError(file, problem, cure)


def examples_meant(name: str) -> tuple[str, slice]:
    """Split a file name with a slice into the file's name and the slice of its examples.

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


def hold_back(
    rows: Sequence[dict],
    share: float,
    seed: int,
    stratify: bool = False,
    fold: tuple[int, int] | None = None,
) -> tuple[list[dict], list[dict]]:
    """Split rows at random into (kept, held back), at least one row each; both keep their order.

    Args:
        rows: Examples.
        share: Share that is held back.
        seed: Seed of the choice.
        stratify: Whether the shares of all labels are as equal as whole rows allow.
        fold: `(number from 0, of how many)`: one of that many equal parts is held back, instead of
            the share. The parts of one seed are disjoint and together all rows.

    Raises:
        InputError: There are fewer rows than folds, or rows without labels are to be stratified.
    """
    number = min(max(1, round(share * len(rows))), len(rows) - 1)
    order = np.random.default_rng([seed, len(rows)]).permutation(len(rows))
    if stratify:
        labels = [rows[i].get("label", rows[i].get("labels")) for i in order]
        if all(label is None for label in labels):
            problem = "the rows have no label of their own"
            raise InputError("config.stratify=True", problem, "set it to False")
        order = _in_turns([str(label) for label in labels], order)
    chosen = slice(number)
    if fold is not None:
        if len(rows) < fold[1]:
            problem = f"the train part has {len(rows)} rows"
            raise InputError(f"config.folds={fold[1]}", problem, f"choose at most {len(rows)}")
        chosen = slice(*(len(rows) * (fold[0] + i) // fold[1] for i in (0, 1)))
    held = np.zeros(len(rows), dtype=bool)
    held[order[chosen]] = True
    kept = [row for row, h in zip(rows, held, strict=True) if not h]
    return kept, [row for row, h in zip(rows, held, strict=True) if h]


def _in_turns(labels: Sequence[str], order: np.ndarray) -> np.ndarray:
    """Reorder rows so that each beginning of the order has about the same share of each label."""
    total, seen = Counter(labels), Counter()
    place = np.empty(len(labels))
    for i, label in enumerate(labels):
        place[i] = (seen[label] + 0.5) / total[label]
        seen[label] += 1
    return order[np.argsort(place, kind="stable")]


def overlaps(
    splits: dict[str, list[dict]], text_fields: Sequence[str] | dict[str, Sequence[str]]
) -> dict[str, int]:
    """Count the examples of later parts whose texts also occur in another part.

    Texts that differ in white space or composition (NFC, NFD) alone are the same.

    Example:
        >>> overlaps({"train": [{"text": "가"}], "dev": [{"text": "나"}],
        ...           "test": [{"text": "가"}, {"text": "다"}]}, ["text"])
        {'test in train': 1}

    Args:
        splits: Examples of `train`, `dev` and `test`.
        text_fields: Fields that are compared, or those of each part.

    Returns:
        Numbers above 0 for `dev in train`, `test in train`, `test in dev`. A dev part that is the
        test part itself is not compared with it.
    """
    if not isinstance(text_fields, dict):
        text_fields = dict.fromkeys(splits, text_fields)
    texts = {
        part: [tuple(_plain(row[field]) for field in text_fields[part]) for row in rows]
        for part, rows in splits.items()
    }
    found = {}
    for later, earlier in (("dev", "train"), ("test", "train"), ("test", "dev")):
        if later in splits and earlier in splits and splits[later] is not splits[earlier]:
            known = set(texts[earlier])
            found[f"{later} in {earlier}"] = sum(text in known for text in texts[later])
    return {name: number for name, number in found.items() if number}


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())

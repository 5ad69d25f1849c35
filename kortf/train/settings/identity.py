"""The identity of a run: its config and the content of its inputs, kept in `config.json`."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import kortf
from kortf import files, workdir
from kortf.command_line import command_line
from kortf.errors import InputError

# Values that earlier versions used where their config.json lacks a key.
EARLIER = {
    "config.optimizer.dtype": "bfloat16",
    "config.optimizer.bias_correction": True,
    "config.patience": 0,
    "config.freeze_layers": 0,
    "config.freeze_embeddings": False,
    "config.folds": 0,
    "config.fold": 0,
    "config.task.interaction": "single",
    "config.task.token_width": 128,
    "config.task.word_weights": 0.0,
    "config.task.lexical_weight": 0.0,
    "config.task.skip_punctuation": False,
}
# Keys of one kind of run that decide which step is chosen, and so are part of its identity.
_CHOOSING = {"config.eval_every"}
# Held by hashes.
_PATHS = {"inputs.init_from"}
# Files that describe a model without changing it.
_NOT_HASHED = ("README.md", ".gitattributes", "eval.json")


@dataclass(frozen=True)
class Identity:
    """Config and input hashes that identify a run.

    Args:
        config: Config as plain JSON values.
        inputs: Hash of each input by name; `init_from` is a path, for the model card.
        may_grow: Keys, such as `config.epochs`, whose number may be larger than before.
    """

    config: dict[str, Any]
    inputs: dict[str, Any]
    may_grow: tuple[str, ...] = ()


def record_identity(path: str, identity: Identity) -> None:
    """Write `config.json` of a work directory, or check that it names the same run.

    Args:
        path: Path of the file.
        identity: Identity of the run that starts or continues.

    Raises:
        InputError: The work directory belongs to another config or other inputs.
    """
    now = {"config": identity.config, "inputs": identity.inputs}
    command = command_line()
    if files.exists(path):
        written = files.read_json(path)
        command = written.get("command") or command  # the first one, when a run continues
        before = {key: value for key, value in written.items() if key in now}
        for key, (was, given) in differences(before, now).items():
            if key in identity.may_grow and given > was:
                continue
            raise InputError(
                f"{path}, {key}",
                f"this work directory was made with {was!r}, now it is {given!r}",
                "give the first value again or name another --workdir",
            )
    made_by = {"command": command} if command else {}
    files.write_json(path, {"versions": _versions(), **made_by, **now})


def differences(before: dict, now: dict) -> dict[str, tuple[Any, Any]]:
    """Return the keys by which two runs differ, with both values; None where a key is missing.

    Args:
        before: `config` and `inputs` of the run that a work directory has.
        now: Those of the run that continues.

    Example:
        >>> differences({"config": {"steps": 2, "seed": 0}}, {"config": {"steps": 2}})
        {'config.seed': (0, None)}
    """
    before, now = EARLIER | flatten(before), EARLIER | flatten(now)
    finetuning = {"config.epochs"} & {*before, *now}
    if finetuning:
        before, now = ({"config.eval_every": 0} | each for each in (before, now))
    # A run is continued with its weights: later, nothing depends on where the first ones lie.
    hashed = {"inputs.init_from_hash", "inputs.init_from"} <= before.keys()
    free_keys = {f"config.{key}" for key in workdir.FREE_KEYS}
    free_keys -= _CHOOSING if finetuning else set()
    ignored = free_keys | (_PATHS if hashed else {"inputs.init_from_hash"})
    if "inputs.teacher_hash" in before:
        ignored |= {"inputs.teacher"}
    found = {}
    for key in dict.fromkeys([*now, *before]):
        was, given = before.get(key), now.get(key)
        if key == "inputs.init_from" and was and given:
            was, given = (os.path.normpath(value) for value in (was, given))
        # Whether a run is evaluated may change, but not by what.
        free = key in ignored or (key == "inputs.eval_records" and None in (was, given))
        if was != given and not free:
            found[key] = (was, given)
    return found


def check_same_inputs(first: str, directory: str) -> None:
    """Raise an InputError if two runs of one table have read other inputs.

    Args:
        first: Work directory of the first run.
        directory: Work directory of another one.
    """
    inputs = [{"inputs": workdir.read_config(each)["inputs"]} for each in (first, directory)]
    for key in differences(*inputs):
        problem = f"{key} is not that of {first}"
        raise InputError(directory, problem, "give the same data and models to all runs")


def model_hash(directories: Sequence[str]) -> str:
    """Return a hash of the content of model directories, wherever they lie.

    Args:
        directories: Model directory, and those of the models that belong to it.
    """
    digest = hashlib.sha256()
    for directory in directories:
        names = [name for name in files.listdir(directory) if name not in _NOT_HASHED]
        for name in names:
            path = os.path.join(directory, name)
            if not name.startswith(".") and (files.is_remote(path) or os.path.isfile(path)):
                digest.update(f"{name} {files.sha256_of(path)}\n".encode())
    return digest.hexdigest()


def teacher_hash(directory: str | None) -> dict[str, str]:
    """Return the inputs that name a teacher, by its place and its content; none without one."""
    if not directory:
        return {}
    return {"teacher": directory, "teacher_hash": model_hash([directory])}


def _versions() -> dict[str, str]:
    import keras
    import tensorflow as tf

    return {"kortf": kortf.__version__, "tensorflow": tf.__version__, "keras": keras.__version__}


def flatten(value: Any, prefix: str = "") -> dict[str, Any]:
    """Return nested values by their full names.

    Example:
        >>> flatten({"config": {"steps": 24, "objectives": [{"rate": 0.2}]}})
        {'config.steps': 24, 'config.objectives[0].rate': 0.2}
    """
    if isinstance(value, dict):
        items = {f"{prefix}.{key}" if prefix else str(key): v for key, v in value.items()}
    elif isinstance(value, list | tuple):
        items = {f"{prefix}[{i}]": v for i, v in enumerate(value)}
    else:
        return {prefix: value}
    flat: dict[str, Any] = {}
    for key, item in items.items():
        flat.update(flatten(item, key))
    return flat

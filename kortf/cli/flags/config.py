"""Check `--config` and its overrides, with one line for an error."""

import os
import re
from collections.abc import Sequence
from typing import Any

import ml_collections
from absl import flags

from kortf.errors import InputError, did_you_mean

_SAME = (("model", "init_from"), ("vocab", "model"), ("records", "input"), ("data", "input"))
_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")


def check_overrides(flag_values: flags.FlagValues, argv: Sequence[str]) -> None:
    """Check that the config file can be read and has every key that is overridden.

    Args:
        flag_values: Flags; without a flag `config`, nothing is checked.
        argv: Flags as the user gave them.

    Raises:
        InputError: The file cannot be read, or has no such key.
    """
    given = [argument.lstrip("-") for argument in argv if argument.startswith("-")]
    paths = [argument.removeprefix("config=") for argument in given if argument[:7] == "config="]
    if "config" not in flag_values or not paths:
        return
    path = paths[-1].split(":", 1)[0]
    if not os.path.isfile(path):
        raise InputError(f"--config={path}", "there is no such file", "check the path")
    try:
        config = flag_values["config"].parser.parse(paths[-1])
    except (TypeError, ValueError) as error:
        # The message of ml_collections is a whole traceback.
        while error.__context__ is not None:
            error = error.__context__
        raise InputError(f"--config={paths[-1]}", str(error), "give what the file takes") from error
    for argument in given:
        if argument.startswith("config."):
            _check_key(config, argument.removeprefix("config.").split("=", 1)[0])


def meant(name: str, flag_values: flags.FlagValues) -> list[str]:
    """Return the flags of a verb that one of another verb, or a key of its config, stands for.

    Args:
        name: Unknown flag, without dashes.
        flag_values: Flags of the verb, parsed.

    Example:
        `--epochs` of `finetune` stands for `--config.epochs`, `--model` for `--init_from`.
    """
    others = [other for pair in _SAME if name in pair for other in pair if other != name]
    found = [other for other in others if other in flag_values]
    if found or "config" not in flag_values or flag_values["config"].value is None:
        return found
    config = flag_values["config"].value
    keys = [name, *(f"{part}.{name}" for part in config if hasattr(config[part], "keys"))]
    return [f"config.{key}" for key in keys if has_key(config, key)]


def has_key(config: ml_collections.ConfigDict, key: str) -> bool:
    """Return whether a config has a key, such as `task.pooling`."""
    try:
        _check_key(config, key)
    except InputError:
        return False
    return True


def _check_key(config: ml_collections.ConfigDict, key: str) -> None:
    """Raise an InputError when `config` has no `key`: `model.dropout`, `objectives[0].rate`.

    Example:
        >>> _check_key(ml_collections.ConfigDict({"model": {"dropout": 0.1}}), "model.droput")
        InputError: --config.model.droput: the config has no such key; did you mean
        '--config.model.dropout'?
    """
    at: Any = config
    for step in _STEP.finditer(key):
        name, index = step[1], step[2]
        if index is not None and isinstance(at, list | tuple) and int(index) < len(at):
            at = at[int(index)]
            continue
        known = list(at.keys()) if hasattr(at, "keys") else []
        if name in known:
            at = at[name]
            continue
        before = f"--config.{key[: step.start()]}".rstrip(".")
        if isinstance(at, list | tuple):
            cure = f"{before} has the parts 0 to {len(at) - 1}"
        elif known:
            cure = did_you_mean(name or "", sorted(known), f"{before}.")
        else:
            cure = f"{before} has no parts"
        raise InputError(f"--config.{key}", "the config has no such key", cure)

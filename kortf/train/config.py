"""A run's configuration: read from a Python file, overridden by flags, kept in the workdir."""

from typing import Any

import ml_collections
from absl import flags
from ml_collections import config_flags

import kortf
from kortf import files
from kortf.errors import InputError

# Keys that may change between two starts of one run: they do not touch what is trained.
FREE_KEYS = ("log_every", "eval_every", "eval_batches", "checkpoint_every", "keep_checkpoints")


def define_config(flag_values: flags.FlagValues, argv: list[str], example: str) -> None:
    """Defines `--config=FILE[:SIZE]` and its overrides `--config.key=value`."""
    config_flags.DEFINE_config_file(
        "config",
        None,
        f"Python file with get_config(size), such as {example}; any key is set by "
        "--config.key=value.",
        flag_values=flag_values,
        sys_argv=argv,
    )


def resolved(config: ml_collections.ConfigDict) -> dict[str, Any]:
    """The config as plain JSON values."""
    return _plain(config.to_dict())


def record_config(path: str, config: dict, inputs: dict) -> None:
    """Writes `config.json` of a work directory, or checks that the run going on is the same one.

    Args:
        path: of the file.
        config: resolved config.
        inputs: hashes of what goes into the run, by name.

    Raises:
        InputError: when the work directory belongs to another config or other inputs.
    """
    now = {"config": config, "inputs": inputs}
    if files.exists(path):
        before = flatten({key: value for key, value in files.read_json(path).items() if key in now})
        for key, value in flatten(now).items():
            if key.removeprefix("config.") not in FREE_KEYS and before.get(key) != value:
                raise InputError(
                    f"{path}, {key}",
                    f"this work directory was made with {before.get(key)!r}, now it is {value!r}",
                    "give the first value again or name another --workdir",
                )
    files.write_json(path, {"versions": _versions(), **now})


def _versions() -> dict[str, str]:
    import keras
    import tensorflow as tf

    return {"kortf": kortf.__version__, "tensorflow": tf.__version__, "keras": keras.__version__}


def flatten(value: Any, prefix: str = "") -> dict[str, Any]:
    """Nested values by their whole names.

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


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(v) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value

"""The flag `--config`, and a config as it is used and recorded."""

import os
from collections.abc import Iterable
from typing import Any

import ml_collections
from absl import flags
from ml_collections import config_flags

from kortf import files, precision
from kortf.workdir import is_workdir


def define_config(flag_values: flags.FlagValues, argv: list[str], example: str) -> None:
    """Define `--config=FILE[:SIZE]` and its overrides `--config.key=value`."""
    config_flags.DEFINE_config_file(
        "config",
        None,
        f"Python file with get_config(size), such as {example}; any key is set by "
        "--config.key=value",
        flag_values=flag_values,
        sys_argv=argv,
    )


def resolved(config: ml_collections.ConfigDict) -> dict[str, Any]:
    """Return the config as plain JSON values."""
    return _plain(config.to_dict())


def with_dtypes(config: ml_collections.ConfigDict, workdir: str) -> tuple[Any, str]:
    """Return a copy of a config with the dtypes of this device, and a line about the choice.

    A run that continues keeps the dtypes that it began with, on whatever device.

    Args:
        config: With `dtype` and `optimizer`.
        workdir: Work directory, which may have a `config.json`.
    """
    config = ml_collections.ConfigDict(config.to_dict())
    precision.check_dtype("config.dtype", config.dtype)
    path, before = os.path.join(workdir, "config.json"), {}
    if config.dtype == precision.AUTO and files.exists(path):
        before = files.read_json(path).get("config", {})
    policy, reason = precision.resolve_dtype(before.get("dtype", config.dtype))
    slow = policy != precision.FLOAT32 and config.dtype != precision.AUTO and reason
    if before:
        reason = "as this run began" + (f"; {reason}" if reason else "")
    config.dtype = policy
    if config.optimizer.name == "muon":
        # An earlier work directory says nothing of it: Muon was always computed in bfloat16.
        former = before.get("optimizer", {}).get("dtype", "bfloat16") if before else None
        with config.unlocked():
            config.optimizer.dtype = former or _products(config.optimizer.get("dtype") or "auto")
    note = f"dtype {policy}" + (f" ({reason})" if reason else "")
    return config, f"warning: {note}" if slow else note


def kept_dtypes(
    config: ml_collections.ConfigDict, directories: Iterable[str]
) -> ml_collections.ConfigDict:
    """Return a config with the dtypes of the first run that has begun, if it says `auto`.

    The runs of several seeds, folds or trials are computed alike, on whatever device each begins.

    Args:
        config: With `dtype` and `optimizer`.
        directories: Work directories of the runs, begun or not.
    """
    if config.dtype != precision.AUTO:
        return config
    for directory in directories:
        if is_workdir(directory):
            return with_dtypes(config, directory)[0]
    return config


def _products(dtype: str) -> str:
    """Dtype of Muon's matrix products."""
    if dtype != precision.AUTO:
        return dtype
    return "bfloat16" if precision.bfloat16_support()[0] else "float32"


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(v) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value

"""The keys of a config that belong to training itself, with the values that they may have.

Keys of `config.model`, `config.objectives`, `config.task`, `config.optimizer` and `config.schedule`
that an encoder, objective, task, optimizer or schedule takes declare their values there.
"""

from typing import Any

import ml_collections

from kortf import discovery, precision
from kortf.errors import InputError
from kortf.models.encoder import Encoder
from kortf.objectives.objective import Objective
from kortf.ranges import Choice, Limit, Range, Truth
from kortf.tasks import BENCHMARKS
from kortf.tasks.task import Task
from kortf.train.optim.optimizers import check_optimizer
from kortf.train.optim.schedule import check_schedule

_MOST = 2**31 - 1
_COUNT = Range(1, _MOST, whole=True)
_NATURAL = Range(0, _MOST, whole=True)
_FRACTION = Range(0, 1, below=True)
_ROWS = Range(1, 2**20, whole=True)
_TRUTH = Truth()

HONEST, KOELECTRA = PROTOCOLS = ("honest", "koelectra")
REQUIRED = (
    "seed", "batch_size", "accumulate", "dtype", "model", "optimizer", "schedule", "log_every",
    "checkpoint_every", "optimizer.name", "optimizer.learning_rate", "optimizer.clip_norm",
)  # fmt: skip
LIMITS: dict[str, Limit] = {
    "seed": _NATURAL,
    "steps": _COUNT,
    "epochs": _COUNT,
    "batch_size": _ROWS,
    "eval_batch_size": _ROWS,
    "accumulate": _COUNT,
    "max_length": Range(3, _MOST, whole=True),
    "dev_share": Range(0, 1, above=True, below=True),
    "label_smoothing": _FRACTION,
    "r_drop": Range(0),
    "fgm": Range(0),
    "ema_decay": _FRACTION,
    "log_every": _COUNT,
    "eval_every": _NATURAL,
    "eval_batches": _COUNT,
    "checkpoint_every": _COUNT,
    "keep_checkpoints": _COUNT,
    "keep_best": _COUNT,
    "patience": _NATURAL,
    "freeze_layers": _NATURAL,
    "folds": _NATURAL,
    "fold": _NATURAL,
    "protocol": Choice(PROTOCOLS),
    "reinitialize": _TRUTH,
    "stratify": _TRUTH,
    "freeze_embeddings": _TRUTH,
    "model.dropout": _FRACTION,
    "distillation.temperature": Range(0, above=True),
    "distillation.weight": Range(0, 1),
    "distillation.hidden": Range(0),
    "distillation.attention": Range(0),
    "distillation.soft_labels": Range(0),
    "distillation.cosine": Range(0),
    "distillation.relations": Range(0),
    "distillation.relation_heads": _COUNT,
    "distillation.relation_layer": _NATURAL,
    "optimizer.learning_rate": Range(0),
    "optimizer.clip_norm": Range(0),
    "optimizer.layer_decay": Range(0, 1, above=True),
    "schedule.warmup_fraction": Range(0, 1),
}


def check_config(config: ml_collections.ConfigDict) -> None:
    """Raise an InputError for a missing key, or a value that is out of its range.

    Args:
        config: Config of a pretraining or a fine-tuning.
    """
    for key in REQUIRED:
        *parents, last = key.split(".")
        part = config
        for name in parents:
            part = part.get(name)
        if last not in (part or {}):
            cure = "add it; the packaged configs have all keys (kortf configs)"
            raise InputError(f"config.{key}", "the config has no such key", cure)
    precision.check_dtype("config.dtype", config.dtype)
    for key, limit in LIMITS.items():
        value = config
        for name in key.split("."):
            value = value.get(name) if value is not None else None
        if value is not None:
            limit.check(f"config.{key}", value)
    if "task" in config:
        _check_plugin(config.task, "config.task", BENCHMARKS, Task)
    if "objectives" in config:
        _check_plugin(config.model, "config.model", "kortf.models", Encoder)
        if not config.objectives:
            raise InputError("config.objectives", "there is none", "name one, such as masked_lm")
        for number, objective in enumerate(config.objectives):
            _check_plugin(objective, f"config.objectives[{number}]", "kortf.objectives", Objective)
    taken = ("learning_rate", "clip_norm", "layer_decay")
    check_optimizer("config.optimizer", **given(config.optimizer, *taken))
    check_schedule("config.schedule", **given(config.schedule, "warmup_fraction"))


def _check_plugin(settings, place: str, package: str, base: type) -> None:
    """Check the name and the settings of a plug-in."""
    if "name" not in (settings or {}):
        raise InputError(f"{place}.name", "the config has no such key", "name a module")
    settings = dict(settings)
    name = settings.pop("name")
    cls = discovery.find(package, name, base)
    discovery.check_settings(cls, name, place, settings)


def given(config: ml_collections.ConfigDict, *without: str) -> dict[str, Any]:
    """Return the settings that have a value; None leaves one to its default.

    Args:
        config: Part of a config, such as `config.optimizer`.
        *without: Keys that are left out.
    """
    settings = config.to_dict().items()
    return {key: value for key, value in settings if value is not None and key not in without}


def check_seed(place: str, seed: int) -> None:
    """Raise an InputError at `place` for a seed out of its range."""
    if not _NATURAL.holds(seed):
        raise InputError(f"{place}={seed}", f"must be a whole number, {_NATURAL}", "choose another")

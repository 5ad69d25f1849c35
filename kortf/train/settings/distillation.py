"""The keys of `config.distillation`; `kortf.train.settings.keys` declares their ranges."""

from typing import Any

import ml_collections
from ml_collections import config_dict

from kortf.errors import InputError
from kortf.train.settings.config import resolved

FINETUNING: dict[str, Any] = {
    "temperature": 2.0,  # divides the logits of both
    "weight": 0.5,  # of the soft labels; the gold labels have 1 minus this
    "hidden": 0.0,  # weight of the distance of hidden states, such as 1.0
    "attention": 0.0,  # weight of the distance of attention scores, such as 1.0
    "layers": str,  # STUDENT:TEACHER,… from 0; None spreads the student's over the teacher's
}
PRETRAINING: dict[str, Any] = {
    "temperature": 2.0,
    # Weights beside that of masked LM, 1. DistilBERT's are 5, 1 and 2 for soft labels, cosine and
    # masked LM.
    "soft_labels": 2.5,
    "cosine": 0.5,
    "relations": 0.0,  # MiniLMv2's, of queries, keys and values
    "relation_heads": 12,
    "relation_layer": int,  # the teacher's, from 0; None for the last
}


def distillation(defaults: dict[str, Any]) -> dict[str, Any]:
    """Return `config.distillation`, with a placeholder where a default is a type."""
    return {
        key: config_dict.placeholder(value) if isinstance(value, type) else value
        for key, value in defaults.items()
    }


def options_of(config: ml_collections.ConfigDict, defaults: dict[str, Any]) -> dict[str, Any]:
    """Return the values of `config.distillation`, defaults where the config lacks a key.

    Args:
        config: Config of a run.
        defaults: `FINETUNING` or `PRETRAINING`.
    """
    plain = {key: None if isinstance(value, type) else value for key, value in defaults.items()}
    return plain | resolved(config).get("distillation", {})


def recorded(
    config: ml_collections.ConfigDict, teacher: str | None, defaults: dict[str, Any]
) -> dict[str, Any]:
    """Return the config as the identity of a run holds it: distillation only with a teacher.

    The search space of sweeps is no part of it.

    Args:
        config: Config of a run.
        teacher: Model directory of the teacher; None for none.
        defaults: `FINETUNING` or `PRETRAINING`.

    Raises:
        InputError: A key of `config.distillation` is set without a teacher.
    """
    plain = resolved(config)
    given = plain.pop("distillation", {})
    plain.pop("search", None)  # of a sweep
    if teacher:
        return plain | {"distillation": options_of(config, defaults)}
    unset = options_of(ml_collections.ConfigDict(), defaults)
    for key, value in given.items():
        if value != unset.get(key):
            problem = "there is no teacher"
            raise InputError(f"config.distillation.{key}", problem, "give --teacher=DIR")
    return plain

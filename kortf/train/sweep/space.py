"""The search space of a sweep, as `config.search` describes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ml_collections

from kortf.errors import InputError, did_you_mean
from kortf.train.settings.identity import flatten

_FORMS = "'log LOW HIGH', 'uniform LOW HIGH', 'int LOW HIGH' or 'choice A B …'"
_KINDS = ("log", "uniform", "int", "choice")


@dataclass(frozen=True)
class Dimension:
    """The values of one key.

    Args:
        kind: `log` or `uniform` (numbers in a range), `int` (whole numbers in a range), `choice`.
        values: Lowest and highest value, or the choices.
    """

    kind: str
    values: tuple

    def suggest(self, trial: Any, key: str) -> Any:
        """Return the value of an Optuna trial for a key."""
        if self.kind == "choice":
            return trial.suggest_categorical(key, self.values)
        if self.kind == "int":
            return trial.suggest_int(key, *self.values)
        return trial.suggest_float(key, *self.values, log=self.kind == "log")


def search_space(config: ml_collections.ConfigDict) -> dict[str, Dimension]:
    """Return the dimensions of `config.search` by key; a key without text is not searched.

    Example:
        >>> config = ml_collections.ConfigDict(
        ...     {"epochs": 3, "optimizer": {"learning_rate": 1e-3},
        ...      "search": {"epochs": "int 2 5", "optimizer": {"learning_rate": "log 1e-4 1e-2"}}})
        >>> search_space(config)["optimizer.learning_rate"]
        Dimension(kind='log', values=(0.0001, 0.01))

    Args:
        config: Config of a fine-tuning.

    Raises:
        InputError: The config has no such key, or a text has another form, or there is no key.
    """
    given = flatten(config.get("search", ml_collections.ConfigDict()).to_dict())
    known = flatten({k: v for k, v in config.to_dict().items() if k != "search"})
    space = {}
    for key, text in given.items():
        if not text:
            continue
        if key not in known:
            cure = did_you_mean(key, sorted(known), "config.")
            raise InputError(f"config.search.{key}", "the config has no such key", cure)
        space[key] = _dimension(f"config.search.{key}={text}", text, known[key])
    if not space:
        raise InputError("config.search", "nothing is searched", f"give a key, such as {_FORMS}")
    return space


def _dimension(place: str, text: Any, value: Any) -> Dimension:
    kind, *words = str(text).split()
    if kind not in _KINDS or not words:
        raise InputError(place, "is no range of values", f"write {_FORMS}")
    if kind == "choice":
        return Dimension(kind, tuple(_like(place, word, value) for word in words))
    try:
        low, high = (int(word) if kind == "int" else float(word) for word in words)
    except ValueError as error:
        raise InputError(place, "needs two numbers", f"write {_FORMS}") from error
    if not (0 if kind == "log" else -float("inf")) < low < high < float("inf"):
        problem = "the range is empty" if kind != "log" else "must be above 0, and low below high"
        raise InputError(place, problem, f"write {_FORMS}")
    return Dimension(kind, (low, high))


def _like(place: str, word: str, value: Any) -> Any:
    """Return a word as a value of the type that the key has."""
    if isinstance(value, bool):
        if word not in ("True", "False"):
            raise InputError(place, f"'{word}' is no truth value", "write True or False")
        return word == "True"
    kinds = (type(value),) if isinstance(value, int | float) else (int, float, str)
    for kind in kinds if value is None or kinds != (int, float, str) else (str,):
        try:
            return kind(word)
        except ValueError:
            continue
    raise InputError(place, f"'{word}' is no number", "write numbers")


def with_values(
    config: ml_collections.ConfigDict, values: Mapping[str, Any]
) -> ml_collections.ConfigDict:
    """Return a copy of a config with the values of a trial.

    Args:
        config: Config of a fine-tuning.
        values: Value by key, such as `optimizer.learning_rate`.
    """
    own = ml_collections.ConfigDict(config.to_dict())
    own.update_from_flattened_dict(dict(values))
    return own

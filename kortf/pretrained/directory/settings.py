"""Checks the settings of an encoder that a file names, before anything is made of them."""

import inspect

from kortf import discovery
from kortf.errors import InputError
from kortf.models.encoder import Encoder

_CURE = "mend the file, or write the model again"


def check_settings(model: str, settings: dict, place: str) -> None:
    """Raises an InputError where a setting is unknown, missing or of the wrong kind.

    Args:
        model: module in `kortf.models`.
        settings: what its class is to be called with.
        place: where they stand, for messages.
    """
    try:
        known = _arguments(discovery.find("kortf.models", model, Encoder))
    except InputError as error:
        _, problem, cure = error.parts
        problem = f"encoder '{model}': {problem}"
        raise InputError(place, problem, f"take a newer kortf, or {cure}") from error
    for name, parameter in known.items():
        if parameter.default is parameter.empty and name not in settings:
            raise InputError(f"{place}, setting {name}", "is missing", _CURE)
    for name, value in settings.items():
        if name not in known:
            cure = "take a newer kortf, or leave it out"
            raise InputError(f"{place}, setting {name}", f"{model} has no such setting", cure)
        if not _may_be(value, known[name].annotation):
            raise InputError(f"{place}, setting {name}", f"cannot be {value!r}", _CURE)


def _arguments(cls: type) -> dict[str, inspect.Parameter]:
    """Parameters of a class and of the bases that it hands the rest on to."""
    known = {}
    for part in reversed(cls.__mro__[: cls.__mro__.index(Encoder)]):
        if "__init__" in vars(part):
            known |= inspect.signature(part.__init__).parameters
    return {
        name: parameter
        for name, parameter in known.items()
        if name not in ("self", "dtype") and parameter.kind is not parameter.VAR_KEYWORD
    }


def _may_be(value, annotation) -> bool:
    """Whether a value is of the annotated type; whole numbers are numbers, none is below zero."""
    if isinstance(value, bool):
        return annotation is bool
    if isinstance(value, (int, float)) and value < 0:
        return False
    whole = isinstance(value, int) and isinstance(float(value), annotation)
    return whole or isinstance(value, annotation)

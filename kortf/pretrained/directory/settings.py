"""Check the settings of an encoder that a file names, before the encoder is built."""

import inspect
import typing
from collections.abc import Mapping

from kortf import discovery
from kortf.errors import InputError
from kortf.models.encoder import Encoder
from kortf.pretrained.formats.tensor_source import TensorSource
from kortf.ranges import ranges_of

_CURE = "correct the file, or write the model again"
_LARGEST = 2**31
_MOST_LAYERS = 10_000


def check_settings(model: str, settings: dict, place: str) -> None:
    """Raise an InputError if a setting is unknown, missing or of the wrong kind.

    Args:
        model: Name of the encoder.
        settings: Arguments of its class.
        place: Path of the config, for messages.
    """
    try:
        cls = discovery.find("kortf.models", model, Encoder)
    except InputError as error:
        _, problem, cure = error.parts
        problem = f"encoder '{model}': {problem}"
        raise InputError(place, problem, f"take a newer kortf, or {cure}") from error
    known, ranges = _arguments(cls), ranges_of(cls)
    for name, parameter in known.items():
        if parameter.default is parameter.empty and name not in settings:
            raise InputError(f"{place}, setting {name}", "is missing", _CURE)
    for name, value in settings.items():
        if name not in known:
            cure = "take a newer kortf, or leave it out"
            raise InputError(f"{place}, setting {name}", f"{model} has no such setting", cure)
        if not _may_be(value, known[name].annotation):
            problem = f"cannot be {repr(value)[:80]}"
            raise InputError(f"{place}, setting {name}", problem, _CURE)
        if name in ranges and value is not None:
            ranges[name].check(f"{place}, setting {name}", value)


def check_sizes(settings: Mapping, weights: TensorSource, place: str) -> None:
    """Refuse sizes that no tensor of the weights has, before anything of that size is built.

    Args:
        settings: Settings of the encoder.
        weights: Weights of the same directory; only shapes are read.
        place: Path of the config, for messages.

    Raises:
        InputError: A size exceeds every axis of all tensors, or there are more layers than tensors.
    """
    longest = max((size for name in weights.names for size in weights.shape(name)), default=0)
    sizes = ["vocabulary_size", "hidden_dim", "intermediate_dim", "embedding_dim", "num_segments"]
    sizes += {
        "learned": ["max_length"], "axial": ["axial_rows", "axial_columns"],
    }.get(settings.get("positions"), [])  # fmt: skip
    for name in sizes:
        size = settings.get(name) or 0
        if size > longest:
            problem = f"{size:,} where the longest axis of a tensor has {longest:,}"
            raise InputError(f"{place}, setting {name}", problem, _CURE)
    layers = settings.get("num_layers") or 0
    most = min(_MOST_LAYERS, len(weights.names)) if not settings.get("num_groups") else _MOST_LAYERS
    if layers > most:
        problem = f"{layers:,} layers where {weights.path} has {len(weights.names):,} tensors"
        raise InputError(f"{place}, setting num_layers", problem, _CURE)


def _arguments(cls: type) -> dict[str, inspect.Parameter]:
    """Return the parameters of a class, and of the bases to which it passes the rest."""
    known = {}
    for part in reversed(cls.__mro__[: cls.__mro__.index(Encoder)]):
        if "__init__" in vars(part):
            types = typing.get_type_hints(part.__init__)  # without their ranges
            known |= {
                name: parameter.replace(annotation=types.get(name, object))
                for name, parameter in inspect.signature(part.__init__).parameters.items()
            }
    return {
        name: parameter
        for name, parameter in known.items()
        if name not in ("self", "dtype") and parameter.kind is not parameter.VAR_KEYWORD
    }


def _may_be(value, annotation) -> bool:
    """Return whether a value is of the annotated type, and a number in its range."""
    if isinstance(value, bool):
        return annotation is bool
    if isinstance(value, (int, float)) and not 0 <= value < _LARGEST:
        return False
    whole = isinstance(value, int) and isinstance(float(value), annotation)
    return whole or isinstance(value, annotation)

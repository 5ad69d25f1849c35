"""Phases of a mixture: weights, and what else changes during a run."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kortf.errors import InputError, did_you_mean

DECAYS = ("linear", "cosine", "sqrt")
_KEYS = ("until_step", "until_share", "weights", "seq_length", "decay")


@dataclass(frozen=True)
class Phase:
    """Settings that hold until a step.

    Args:
        until_step: First step of the next phase; None for the last phase.
        weights: Weight of each source, at least one above 0.
        seq_length: Length of the rows; None for that of the longest records.
        decay: Shape in which the learning rate decays over the phase, which is the last one.
    """

    until_step: int | None
    weights: tuple[float, ...]
    # Not in the text of which `Mixture.info` makes its key.
    seq_length: int | None = field(default=None, repr=False)
    decay: str | None = field(default=None, repr=False)


def parse_phases(
    values: Sequence[Mapping[str, Any]], sources: int, steps: int, place: str = "config.mixture"
) -> list[Phase]:
    """Check the phases of a config.

    Args:
        values: `{"until_step": …, "weights": […]}` of each phase; the last one has no `until_step`.
            `until_share` is a share of all steps instead. `seq_length` and `decay` are optional.
        sources: Number of records directories.
        steps: Steps of the run.
        place: Name of the setting, for errors.

    Raises:
        InputError: A value is out of its range, or the phases are not in order.

    Example: three quarters of 1,000 steps on two sources, then the second alone, which decays
        >>> parse_phases([{"until_share": 0.75, "weights": [2, 1]},
        ...               {"weights": [0, 1], "decay": "linear"}], 2, 1000)[1]
        Phase(until_step=None, weights=(0, 1))
    """
    phases = []
    for number, value in enumerate(values):
        last = number == len(values) - 1
        phases.append(_phase(value, sources, steps, last, f"{place}, phase {number + 1}"))
    for before, after in itertools.pairwise([0, *(phase.until_step for phase in phases[:-1])]):
        if not before < after:
            raise InputError(place, "phases that do not follow each other", "order them by steps")
    if phases[:-1] and phases[-2].until_step >= steps:
        problem = f"the last phase begins at step {phases[-2].until_step:,} of {steps:,}"
        raise InputError(place, problem, "set until_step lower, or config.steps higher")
    return phases


def _phase(value: Mapping[str, Any], sources: int, steps: int, last: bool, place: str) -> Phase:
    for key in value:
        if key not in _KEYS:
            raise InputError(place, f"phases have no '{key}'", did_you_mean(key, _KEYS))
    until, share = value.get("until_step"), value.get("until_share")
    if share is not None:
        if until is not None or not _is_number(share) or not 0 < share < 1:
            cure = "give a share of the steps between 0 and 1, or until_step"
            raise InputError(place, f"until_share={share!r}", cure)
        until = round(share * steps)
    if (until is None) != last:
        cure = "give until_step for every phase but the last"
        raise InputError(place, "until_step is missing, or ends the last phase", cure)
    if until is not None and (not isinstance(until, int) or isinstance(until, bool)):
        raise InputError(place, f"until_step={until!r}", "give a whole number")
    length, decay = value.get("seq_length"), value.get("decay")
    if length is not None and (type(length) is not int or length < 8):
        raise InputError(place, f"seq_length={length!r}", "give a whole number of at least 8")
    if decay is not None and (decay not in DECAYS or not last):
        cure = f"choose one of {', '.join(DECAYS)}, in the last phase"
        raise InputError(place, f"decay={decay!r}", cure)
    return Phase(until, _weights(value.get("weights"), sources, place), length, decay)


def _weights(weights, sources: int, place: str) -> tuple[float, ...]:
    if weights is None and sources == 1:
        return (1,)
    if not isinstance(weights, Sequence) or len(weights) != sources:
        problem = f"weights={weights!r} for {sources} records directories"
        raise InputError(place, problem, "give one weight for each directory")
    usable = all(_is_number(weight) and 0 <= weight < math.inf for weight in weights)
    if not usable or not any(weights):
        cure = "give numbers of at least 0, not all of them 0"
        raise InputError(place, "weights that give no shares", cure)
    return tuple(weights)


def _is_number(value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

"""Pretraining objectives: one module each, found by name."""

from collections.abc import Sequence

from kortf import discovery
from kortf.errors import InputError
from kortf.objectives.objective import Objective


def build(name: str, **settings) -> Objective:
    """Make the objective of module `name`.

    Raises:
        InputError: For an unknown name or setting.
    """
    return discovery.build(__name__, name, Objective, **settings)


def build_all(descriptions: Sequence[dict]) -> list[Objective]:
    """Make a recipe: a list of `{"name": …, setting: …}`."""
    return [build(**description) for description in descriptions]


def visibility_of(recipe: Sequence[Objective]) -> str | None:
    """Return the attention visibility that the objectives of a recipe need; None for any.

    Raises:
        InputError: Two objectives need different ones.
    """
    needed = {each.visibility for each in recipe} - {None}
    if len(needed) > 1:
        problem = f"the objectives need different attention: {', '.join(sorted(needed))}"
        raise InputError("config.objectives", problem, "leave one of them out")
    return needed.pop() if needed else None

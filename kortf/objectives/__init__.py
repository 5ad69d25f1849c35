"""What a model is trained to do before it has a task: one module an objective, found by name."""

from collections.abc import Sequence

from kortf import discovery
from kortf.objectives.objective import Objective


def build(name: str, **settings) -> Objective:
    """Makes the objective of module `name`.

    Raises:
        InputError: for an unknown name or setting.
    """
    return discovery.build(__name__, name, Objective, **settings)


def build_all(descriptions: Sequence[dict]) -> list[Objective]:
    """Makes a recipe: a list of `{"name": …, setting: …}`."""
    return [build(**description) for description in descriptions]

"""Benchmarks: one module each, found by name."""

from kortf import discovery
from kortf.tasks.task import Task

BENCHMARKS = "kortf.tasks.benchmarks"


def build(name: str, **settings) -> Task:
    """Makes the task of module `name`.

    Raises:
        InputError: for an unknown name or setting.
    """
    return discovery.build(BENCHMARKS, name, Task, **settings)

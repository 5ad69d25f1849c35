"""Benchmarks: one module each, found by name."""

from kortf import discovery
from kortf.tasks.task import Task

BENCHMARKS = "kortf.tasks.benchmarks"


def build(name: str, **settings) -> Task:
    """Make the task of module `name`, or the one of a published head.

    Raises:
        InputError: The name or a setting is unknown.
    """
    if name.startswith("published_"):
        from kortf.tasks.published import TASKS

        if name in TASKS:
            return TASKS[name](**settings)
    return discovery.build(BENCHMARKS, name, Task, **settings)

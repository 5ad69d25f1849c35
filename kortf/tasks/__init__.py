"""Benchmarks and tasks on own files, one module each, found by name."""

from kortf import discovery
from kortf.tasks.task import Task

BENCHMARKS = "kortf.tasks.benchmarks"


def build(name: str, **settings) -> Task:
    """Build a task.

    Args:
        name: Module in `kortf.tasks.benchmarks`, a dotted path of a module on `PYTHONPATH`, or the
            task of a published head.
        **settings: Settings of the task.

    Raises:
        InputError: If the name or a setting is unknown.
    """
    if name.startswith("published_"):
        from kortf.tasks.published import TASKS

        if name in TASKS:
            return TASKS[name](**settings)
    task = discovery.build(BENCHMARKS, name, Task, **settings)
    if "." in name:
        task.name = name  # model directories find the module again by this name
    return task

"""The score of the dev part that chooses the step of a fine-tuning."""

from collections.abc import Callable, Iterable, Sequence

import ml_collections

from kortf.errors import InputError, did_you_mean
from kortf.tasks.task import Task


def chosen_by(config: ml_collections.ConfigDict, task: Task, dev: Sequence[dict]) -> str:
    """Return the name of the score that chooses: `config.metric`, or the task's main one.

    Args:
        config: Config of the fine-tuning.
        task: Task that scores.
        dev: Examples of the dev part.
    """
    return config.get("metric") or task.metric_of(dev)


def check_choice(
    config: ml_collections.ConfigDict,
    task: Task,
    dev: Sequence[dict],
    scores: Callable[[], Iterable[str]] | None,
    trial: bool = False,
) -> None:
    """Raise an InputError when the step cannot be chosen as the config asks for.

    Args:
        config: Config of the fine-tuning.
        task: Task that scores.
        dev: Examples of the dev part; none where the last step is taken.
        scores: Gives the names of the scores of the dev part; called only for another name than
            the task's main score. None trusts the name.
        trial: Whether the run is a trial of a sweep.
    """
    if not dev:
        if trial:
            cure = "name --config.task.dev_file"
            raise InputError("kortf sweep", "there is no dev part that chooses a trial", cure)
        for key, default in (
            ("metric", None),
            ("patience", 0),
            ("eval_every", 0),
            ("keep_best", 1),
        ):
            if config.get(key, default) != default:
                problem = "there is no dev part, so the last step is taken"
                cure = "name --config.task.dev_file, or leave the key out"
                raise InputError(f"config.{key}={config[key]}", problem, cure)
        return
    metric = chosen_by(config, task, dev)
    if scores is None or metric == task.metric_of(dev):
        return
    known = list(scores())
    if metric not in known:
        cure = did_you_mean(metric, known)
        raise InputError(f"config.metric={metric}", "the dev part has no such score", cure)

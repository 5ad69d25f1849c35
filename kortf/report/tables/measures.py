"""Costs and losses of a run at each line of its metrics."""

import math
from collections.abc import Sequence

from kortf.report.run import EVAL, Run

AXES = {"tokens": "tokens", "steps": "steps", "minutes": "minutes of training", "epochs": "epochs"}
OF_SCORE = ("accuracy", "recall", "precision", "auc", "f1", "spearman", "pearson", "match")


def tokens_per_step(run: Run) -> float | None:
    """Return the number of tokens a step, without padding.

    The newest checkpoint has their sum; without one it is batch × length × (1 - padding).
    """
    if run.state.get("tokens") and run.state.get("step"):
        return run.state["tokens"] / run.state["step"]
    length = (run.config.get("model") or {}).get("max_length")
    batch_size = run.config.get("batch_size")
    if run.is_finetuning or not length or not batch_size or not run.intervals:
        return None
    padding = [line.get("padding") or 0.0 for line in run.intervals]
    return batch_size * length * (1 - sum(padding) / len(padding))


def tokens(run: Run) -> float | None:
    """Return the number of tokens, without padding, that a run has read."""
    each = tokens_per_step(run)
    return None if each is None else each * run.step


def seconds_at(run: Run) -> dict[int, float]:
    """Return step to seconds of training so far, without pauses and evaluations."""
    each, total, before, found = tokens_per_step(run), 0.0, 0, {}
    if each is None:
        return {}
    for line in run.intervals:
        speed = line.get("tokens_per_second")
        if not speed:
            return {}
        total += (line["step"] - before) * each / speed
        before = line["step"]
        found[before] = total
    return found


def seconds(run: Run) -> float | None:
    """Return the seconds of training of a run, or None."""
    if run.evaluation and run.evaluation.get("training_seconds"):
        return run.evaluation["training_seconds"]
    if run.state.get("seconds") and run.state.get("step") == run.step:
        return run.state["seconds"]
    return max(seconds_at(run).values(), default=None)


def steps_per_epoch(run: Run) -> float | None:
    """Return the steps of an epoch; None before the first epoch has ended."""
    epochs = run.config.get("epochs")
    if not run.is_finetuning or not epochs:
        return None
    told = (run.evaluation or {}).get("steps_per_epoch")
    if told:
        return told
    if run.finished and run.intervals:
        return run.intervals[-1]["step"] / epochs
    if run.config.get("eval_every"):  # evaluations say nothing about epochs
        return None
    return run.evaluations[0]["step"] if run.evaluations else None


def positions(run: Run, axis: str) -> dict[int, float] | None:
    """Return step to position on an axis; None if the run does not record it.

    Args:
        axis: one of `AXES`.
    """
    steps = sorted({line["step"] for line in run.intervals + run.evaluations})
    if axis == "minutes":
        known = seconds_at(run)
        return {step: known[step] / 60 for step in steps if step in known} or None
    if axis == "steps":
        scale = 1.0
    elif axis == "epochs":
        every = steps_per_epoch(run)
        scale = 1 / every if every else None
    else:
        scale = tokens_per_step(run)
    return None if scale is None else {step: step * scale for step in steps}


def cost(run: Run, axis: str) -> float | None:
    """Return the total cost of a run in `tokens`, `steps` or `minutes`; None if not recorded."""
    if axis == "steps":
        return float(run.step)
    if axis == "tokens":
        return tokens(run)
    return None if (spent := seconds(run)) is None else spent / 60


def metric_names(runs: Sequence[Run]) -> list[str]:
    """Return the names of losses and scores of some runs, in order, without `eval/`."""
    found: dict[str, None] = {}
    for run in runs:
        for line in run.intervals + run.evaluations:
            for name in line:
                name = name.removeprefix(EVAL)
                if name != "loss" and (name.endswith("_loss") or is_score(name)):
                    found.setdefault(name)
    return list(found)


def is_score(name: str) -> bool:
    """Return whether a metric is a score, for which higher is better."""
    return name.endswith(OF_SCORE)


def values(lines: Sequence[dict], name: str) -> list[tuple[int, float | None]]:
    """Return (step, value) of a metric in the lines that have it; None where it is not finite."""
    found = [(line["step"], line[name]) for line in lines if name in line]
    return [(step, value if _finite(value) else None) for step, value in found]


def mean_loss(run: Run, epoch: int | None = None) -> float | None:
    """Return the training loss: the mean over an epoch, or that of the last interval.

    Args:
        epoch: Epoch of a fine-tuning, counted from 1; None for the last interval.
    """
    every = steps_per_epoch(run)
    # The loss of the task, without the terms that options such as R-Drop add.
    name = "task_loss" if any("task_loss" in line for line in run.intervals) else "loss"
    known = [(step, value) for step, value in values(run.intervals, name) if value is not None]
    if not known:
        return None
    if epoch is None or not every:
        return known[-1][1]
    total = weight = 0.0
    before = 0
    for step, value in known:
        # Intervals do not end where epochs do: each counts by its steps inside the epoch.
        inside = max(0.0, min(step, epoch * every) - max(before, (epoch - 1) * every))
        total, weight, before = total + inside * value, weight + inside, step
    return total / weight if weight else None


def _finite(value) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)

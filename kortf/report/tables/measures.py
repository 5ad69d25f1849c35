"""How much a run has cost and what its losses were, at every line of its metrics."""

import math
from collections.abc import Sequence

from kortf.report.run import EVAL, Run

AXES = {"tokens": "tokens", "steps": "steps", "minutes": "minutes of training", "epochs": "epochs"}
OF_SCORE = ("accuracy", "recall", "precision", "auc", "f1", "spearman", "pearson", "match")


def tokens_per_step(run: Run) -> float | None:
    """Real tokens a step.

    From the newest checkpoint, which counts them; else steps × batch × length without the padding.
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
    """Real tokens that a run has seen."""
    each = tokens_per_step(run)
    return None if each is None else each * run.step


def seconds_at(run: Run) -> dict[int, float]:
    """Seconds of training at the step of each interval: pauses and evaluations are not counted."""
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
    """Seconds that a run has trained."""
    if run.evaluation and run.evaluation.get("training_seconds"):
        return run.evaluation["training_seconds"]
    if run.state.get("seconds") and run.state.get("step") == run.step:
        return run.state["seconds"]
    return max(seconds_at(run).values(), default=None)


def steps_per_epoch(run: Run) -> float | None:
    """Steps of a fine-tuning's epoch; None while its first epoch is not over."""
    epochs = run.config.get("epochs")
    if not run.is_finetuning or not epochs:
        return None
    if run.finished and run.intervals:
        return run.intervals[-1]["step"] / epochs
    return run.evaluations[0]["step"] if run.evaluations else None


def positions(run: Run, axis: str) -> dict[int, float] | None:
    """Step of each line to its place on an axis; None when the run does not say.

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
    """What a run cost in all, on an axis: `tokens`, `steps` or `minutes`; None if nobody knows."""
    if axis == "steps":
        return float(run.step)
    if axis == "tokens":
        return tokens(run)
    return None if (spent := seconds(run)) is None else spent / 60


def metric_names(runs: Sequence[Run]) -> list[str]:
    """Losses and scores that runs report, in the order they come; `eval/` is left away."""
    found: dict[str, None] = {}
    for run in runs:
        for line in run.intervals + run.evaluations:
            for name in line:
                name = name.removeprefix(EVAL)
                if name != "loss" and (name.endswith("_loss") or is_score(name)):
                    found.setdefault(name)
    return list(found)


def is_score(name: str) -> bool:
    """Whether higher is better."""
    return name.endswith(OF_SCORE)


def values(lines: Sequence[dict], name: str) -> list[tuple[int, float | None]]:
    """Step and value of a metric in the lines that have it; None where it was not finite."""
    found = [(line["step"], line[name]) for line in lines if name in line]
    return [(step, value if _finite(value) else None) for step, value in found]


def mean_loss(run: Run, epoch: int | None = None) -> float | None:
    """Training loss: the mean over an epoch's steps, or that of the last interval.

    Args:
        epoch: of a fine-tuning, counted from 1.
    """
    every = steps_per_epoch(run)
    # Of a fine-tuning the task's own: what an option adds to it has no place in a comparison.
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

"""Charts of a report: losses and scores over tokens, steps, minutes or epochs."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from kortf.report.charts.chart import FILE, Axes, Line, Size, line_chart
from kortf.report.run import EVAL, Run
from kortf.report.runs import Runs
from kortf.report.tables.finetuning_table import main_metric, recipe, task_title
from kortf.report.tables.measures import (
    AXES,
    cost,
    is_score,
    metric_names,
    positions,
    values,
)
from kortf.report.tables.seeds import group_name, group_seeds
from kortf.report.tables.sizes import describe_model, describe_objectives

_MOST_LETTERS = 50
HELD_OUT = "held-out text"
CORRELATIONS = ("spearman", "pearson")  # from -1 to 1


@dataclass(frozen=True)
class Curve:
    """A chart of one metric.

    Attributes:
        name: Name of its file, without the extension.
        title: Title above it.
        x_title: Title of the x axis.
        lines: Lines, at least one with two values.
        note: Legend of the kinds of lines.
        axes: Limits and ticks.
        section: Part of the page to which it belongs.
    """

    name: str
    title: str
    x_title: str
    lines: list[Line]
    note: str = ""
    axes: Axes = Axes()
    section: str = ""

    def svg(self, size: Size = FILE) -> str:
        """Return the chart as SVG."""
        return line_chart(self.title, self.x_title, self.lines, self.note, self.axes, size)


def all_curves(runs: Runs, axis: str) -> list[Curve]:
    """Return the charts of pretrainings, then of each task's fine-tunings.

    Args:
        runs: Runs of the report.
        axis: Axis of pretrainings: `tokens`, `steps` or `minutes`. Fine-tunings are drawn over
            epochs. A chart with a run that does not record its axis is drawn over steps.
    """
    curves = _of("pretraining", "pretraining", runs.pretrainings, axis)
    for task in dict.fromkeys(task_title(run) for run in runs.finetunings):
        chosen = [run for run in runs.finetunings if task_title(run) == task]
        name = _plain(task.replace("_", "-")).strip("-")
        curves += _of(name, task, chosen, "epochs")
        curves += _scores_over_cost(name, task, chosen, runs, axis)
    return curves


def _of(file_name: str, title: str, runs: Sequence[Run], axis: str) -> list[Curve]:
    curves = []
    for metric in metric_names(runs):
        shown = [run for run in runs if _has(run, metric)]
        where = axis
        if any(positions(run, axis) is None for run in shown):
            where = "steps"
        lines = _lines(runs, metric, where)
        # One value is no curve; the tables have it.
        if not any(sum(y is not None for _, y in line.points) > 1 for line in lines):
            continue
        stars = _test_scores(runs, metric) if where == "epochs" else []
        head = f"{title}: {metric.replace('_', ' ')}"
        limits = _limits(metric, lines + stars)
        if limits and not runs[0].is_finetuning:
            limits = (0.0, None)  # masked accuracy is far from 1
        axes = Axes(limits, whole=where in ("epochs", "steps"))
        note = _note(runs, lines, stars)
        name = f"{file_name}-{_plain(metric)}"
        curves.append(Curve(name, head, AXES[where], lines + stars, note, axes, title))
    return curves


def _limits(metric: str, lines: Sequence[Line]) -> tuple[float, float] | None:
    """Return 0 and 1 for a score, so that charts can be compared; None for a loss."""
    if not is_score(metric):
        return None
    known = [y for line in lines for _, y in line.points if y is not None]
    if any(y > 1 for y in known):  # a score in percent
        return None
    least = -1.0 if metric.endswith(CORRELATIONS) and min(known) < 0 else 0.0
    return (least, 1.0)


def _note(runs: Sequence[Run], lines: Sequence[Line], stars: Sequence[Line]) -> str:
    """Return the legend of the kinds of lines in a chart.

    Example: "line: training, dashed: dev, star: test"
    """
    parts = []
    if any(not line.marked for line in lines):
        parts.append("line: training")
    if any(line.marked for line in lines):
        held = " or ".join(dict.fromkeys(part_during_training(run) for run in runs))
        parts.append(f"dashed: {held}")
    if stars:
        parts.append("star: " + " or ".join(dict.fromkeys(_split(run) for run in runs)))
    return ", ".join(parts)


def part_during_training(run: Run) -> str:
    """Return the part of the data that a run evaluates between its steps.

    Example: "dev", "test", or "held-out text" of a pretraining
    """
    if not run.is_finetuning:
        return HELD_OUT
    honest = str(run.config.get("protocol", "honest")).split(":")[0] == "honest"
    return "dev" if honest else _split(run)


def _split(run: Run) -> str:
    return str((run.evaluation or {}).get("split", "test"))


def _test_scores(runs: Sequence[Run], metric: str) -> list[Line]:
    """Return the final score of each run at the epoch that was chosen."""
    stars = []
    for colour, group in enumerate(group_seeds(runs)):
        points = []
        for run in group:
            result = run.evaluation or {}
            value, epoch = (result.get("scores") or {}).get(metric), result.get("epoch")
            if value is not None and epoch is not None:
                points.append((float(epoch), float(value)))
        if points:
            stars.append(Line(group_name(group), sorted(points), colour=colour, star=True))
    return stars


def _scores_over_cost(
    file_name: str, title: str, finetunings: Sequence[Run], runs: Runs, axis: str
) -> list[Curve]:
    """Return the score of a task over the cost of pretraining: a point for each configuration.

    A line joins configurations that differ only in the length of their pretraining.
    """
    lines: dict[tuple, list[tuple[float, float]]] = {}
    metric = next((main_metric(run) for run in finetunings if run.finished), None)
    for group in group_seeds([run for run in finetunings if run.finished]):
        run, origin = group[0], runs.origin.get(group[0].path)
        new = run.config.get("reinitialize")
        x = 0.0 if new else cost(origin, axis) if origin else None
        found = [member.evaluation["scores"].get(metric) for member in group]
        if x is not None and None not in found:
            model = origin.config.get("model") if origin else run.model
            by = describe_objectives(origin) if origin and not new else "new weights"
            same = (by, describe_model(model or {}), recipe(run))
            lines.setdefault(same, []).append((x, sum(found) / len(found)))
    if len({x for points in lines.values() for x, _ in points}) < 2:
        return []
    names = _told_apart(list(lines))
    drawn = [
        Line(name, sorted(points), marked=True, colour=colour)
        for colour, (name, points) in enumerate(zip(names, lines.values(), strict=True))
    ]
    head = f"{title}: {metric.replace('_', ' ')} over pretraining"
    note = "each point a configuration, the mean of its seeds"
    x_title = f"{axis} of pretraining"
    axes = Axes(_limits(metric, drawn))
    name = f"{file_name}-over-pretraining"
    section = f"{title} over pretraining"
    return [Curve(name, head, x_title, drawn, note, axes, section)]


def _told_apart(keys: Sequence[tuple]) -> list[str]:
    """Return names of lines without the parts that all of them share.

    Example: two lines of one model
        >>> _told_apart([("masked_lm", "bert", "max"), ("new weights", "bert", "max")])
        ['masked_lm', 'new weights']
    """
    parts = zip(*keys, strict=True)
    differ = [i for i, values in enumerate(parts) if len(set(values)) > 1] or [0]
    return [", ".join(key[i] for i in differ) for key in keys]


def _has(run: Run, metric: str) -> bool:
    lines = run.intervals + run.evaluations
    return any(metric in line or EVAL + metric in line for line in lines)


def _lines(runs: Sequence[Run], metric: str, axis: str) -> list[Line]:
    lines = []
    # A run has the same colour in every chart, also in those where others are missing.
    for colour, group in enumerate(group_seeds(runs)):
        for run in group:
            at = positions(run, axis) or {}
            for found, marked in ((run.intervals, False), (run.evaluations, True)):
                points = values(found, EVAL + metric if marked else metric)
                points = [(at[step], value) for step, value in points if step in at]
                if points:
                    lines.append(Line(group_name(group), points, marked, colour))
    return lines


def _plain(name: str) -> str:
    """Return a name for a file: letters, digits and hyphens, of a length that file systems take."""
    plain = "".join(c if c.isalnum() or c == "_" else "-" for c in name)
    if len(plain) <= _MOST_LETTERS:
        return plain
    return f"{plain[:_MOST_LETTERS]}-{zlib.crc32(name.encode('utf-8', 'replace')):08x}"

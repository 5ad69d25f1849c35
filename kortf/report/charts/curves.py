"""The charts of a report: losses and scores over what they cost."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from kortf.report.charts.chart import Line, line_chart
from kortf.report.run import EVAL, Run
from kortf.report.runs import Runs
from kortf.report.tables.finetuning_table import main_metric, recipe, task_title
from kortf.report.tables.measures import AXES, cost, metric_names, positions, values
from kortf.report.tables.seeds import group_name, group_seeds
from kortf.report.tables.sizes import describe_model, describe_objectives

_MOST_LETTERS = 50
DASHED = "line: training, dashed: held-back data"


@dataclass(frozen=True)
class Curve:
    """A chart, ready to be drawn.

    Attributes:
        name: of its file, without the ending.
        title: above it.
        x_title: below it.
        lines: in it.
        note: what its lines are, when there are several kinds.
    """

    name: str
    title: str
    x_title: str
    lines: list[Line]
    note: str = ""

    def svg(self) -> str:
        """The chart as SVG."""
        return line_chart(self.title, self.x_title, self.lines, self.note)


def all_curves(runs: Runs, axis: str) -> list[Curve]:
    """Every loss and score: of the pretrainings, then of each task's fine-tunings.

    Args:
        runs: of the report.
        axis: what pretrainings are drawn over: `tokens`, `steps` or `minutes`. Fine-tunings are
            drawn over epochs. Where a run does not say, all of its chart are drawn over steps.
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
        if not any(y is not None for line in lines for _, y in line.points):
            continue
        kinds = {line.marked for line in lines}
        note = DASHED if len(kinds) == 2 else "held-back data" if kinds == {True} else ""
        head = f"{title}: {metric.replace('_', ' ')}"
        curves.append(Curve(f"{file_name}-{_plain(metric)}", head, AXES[where], lines, note))
    return curves


def _scores_over_cost(
    file_name: str, title: str, finetunings: Sequence[Run], runs: Runs, axis: str
) -> list[Curve]:
    """The score of a task over what the pretraining cost: a point a configuration.

    A line joins what differs in nothing but how long one model was pretrained on one objective.
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
    return [Curve(f"{file_name}-over-pretraining", head, x_title, drawn, note)]


def _told_apart(keys: Sequence[tuple]) -> list[str]:
    """Names of lines: what they have in common with all others is left away.

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

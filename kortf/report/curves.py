"""The charts of a report: losses and scores over what they cost."""

from collections.abc import Sequence
from dataclasses import dataclass

from kortf.report.chart import Line, line_chart
from kortf.report.finetuning_table import task_title
from kortf.report.measures import AXES, metric_names, positions, values
from kortf.report.run import EVAL, Run
from kortf.report.runs import Runs
from kortf.report.seeds import group_name, group_seeds

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
        name = "".join(c if c.isalnum() else "-" for c in task).strip("-")
        curves += _of(name, task, chosen, "epochs")
    return curves


def _of(file_name: str, title: str, runs: Sequence[Run], axis: str) -> list[Curve]:
    curves = []
    for metric in metric_names(runs):
        shown = [run for run in runs if _has(run, metric)]
        where = axis
        if any(positions(run, axis) is None for run in shown):
            where = "steps"
        lines = _lines(shown, metric, where)
        if not any(y is not None for line in lines for _, y in line.points):
            continue
        kinds = {line.marked for line in lines}
        note = DASHED if len(kinds) == 2 else "held-back data" if kinds == {True} else ""
        head = f"{title}: {metric.replace('_', ' ')}"
        curves.append(Curve(f"{file_name}-{_plain(metric)}", head, AXES[where], lines, note))
    return curves


def _has(run: Run, metric: str) -> bool:
    lines = run.intervals + run.evaluations
    return any(metric in line or EVAL + metric in line for line in lines)


def _lines(runs: Sequence[Run], metric: str, axis: str) -> list[Line]:
    lines = []
    for group in group_seeds(runs):
        for run in group:
            at = positions(run, axis) or {}
            for found, marked in ((run.intervals, False), (run.evaluations, True)):
                points = values(found, EVAL + metric if marked else metric)
                points = [(at[step], value) for step, value in points if step in at]
                if points:
                    lines.append(Line(group_name(group), points, marked))
    return lines


def _plain(name: str) -> str:
    return "".join(c if c.isalnum() or c == "_" else "-" for c in name)

"""Details of one configuration: classes, calibration, errors, and how to repeat it."""

import html
import os
import urllib.parse
from collections.abc import Sequence

from kortf import workdir
from kortf.report.charts.chart import NARROW, WIDE, Axes, Line, line_chart
from kortf.report.errors.calibration import Bin
from kortf.report.errors.findings import Findings
from kortf.report.run import Run
from kortf.report.tables.table import Table

UNIT = Axes((0.0, 1.0), scale=(0.0, 1.0))
NOT_RECORDED = "The command of this run was not recorded."


def details(found: Findings) -> str:
    """Render the classes, calibration and errors of a finished fine-tuning."""
    if found.missing:
        return f"<p class='note'>Not shown: {html.escape(found.missing)}.</p>"
    parts = []
    classes = class_table(found.run)
    if classes.rows:
        parts.append(f"<h4>Classes</h4>{classes.html()}")
    if len(found.calibration) > 1:
        parts.append(f"<h4>Calibration</h4>{_calibration(found)}")
    if found.confusion:
        parts.append(f"<h4>Confusion</h4>{found.confusion.html()}")
    if found.errors.rows:
        parts.append(f"<h4>Errors</h4>{found.errors.html()}")
    return "\n".join(parts)


def class_table(run: Run) -> Table:
    """Tabulate precision, recall and F1 of each class, the most frequent class first."""
    classes = (run.evaluation or {}).get("by_class") or {}
    order = sorted(classes, key=lambda name: -classes[name].get("support", 0))
    columns = ("precision", "recall", "f1")
    rows = [
        [
            name,
            *(f"{classes[name].get(column, 0):.4f}" for column in columns),
            f"{classes[name].get('support', 0):,}",
        ]
        for name in order
    ]
    return Table(["class", *columns, "examples"], rows)


def repeat(run: Run, output: str) -> str:
    """Render the command, the versions, the date and links to the files of a run.

    Args:
        run: A run.
        output: Directory of the report, from which the links lead.
    """
    command = html.escape(run.command) if run.command else None
    shown = f"<pre>{command}</pre>" if command else f"<p class='note'>{NOT_RECORDED}</p>"
    facts = [f"{name} {version}" for name, version in run.versions.items()]
    facts += [f"seed {run.seed}"] if run.seed is not None else []
    facts += [run.date] if run.date else []
    links = [
        f"<a href='{html.escape(_relative(path, output))}'>{name}</a>"
        for name, path in _files(run)
        if os.path.exists(path)
    ]
    line = " · ".join([*map(html.escape, facts), *links])
    return f"{shown}<p class='note'>{line}</p>"


def _files(run: Run) -> Sequence[tuple[str, str]]:
    return [
        ("model card", os.path.join(run.path, workdir.MODEL, "README.md")),
        ("config", os.path.join(run.path, workdir.CONFIG_FILE)),
        ("scores", os.path.join(run.path, workdir.EVALUATION_FILE)),
        ("examples", os.path.join(run.path, workdir.EXAMPLES_FILE)),
    ]


def _relative(path: str, output: str) -> str:
    return urllib.parse.quote(os.path.relpath(path, output))


def _calibration(found: Findings) -> str:
    points = [(each.confidence, each.accuracy) for each in found.calibration]
    lines = [
        Line("perfect", [(0.0, 0.0), (1.0, 1.0)], colour=7),
        Line("model", points, marked=True, colour=0),
    ]
    title = f"{found.run.name}: accuracy by confidence"
    wide, narrow = (
        line_chart(title, "confidence", lines, "", UNIT, size) for size in (WIDE, NARROW)
    )
    error = (found.run.evaluation or {}).get("calibration_error")
    note = "Solid: perfect calibration. Dashed: this model, by bins of confidence."
    note += f" Expected calibration error: {error:.4f}" if error else ""
    note = f"<p class='note'>{note}</p>"
    figure = f"<figure class='wide-chart'>{wide}</figure><figure class='narrow-chart'>{narrow}"
    return f"{figure}</figure>{_bins(found.calibration).html()}{note}"


def _bins(bins: Sequence[Bin]) -> Table:
    rows = [[f"{b.confidence:.3f}", f"{b.accuracy:.3f}", f"{b.count:,}"] for b in bins]
    return Table(["mean confidence", "accuracy", "examples"], rows)

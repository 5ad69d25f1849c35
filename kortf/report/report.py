"""The command `kortf report`: work directories to tables, curves and a page."""

import os
from collections.abc import Sequence

from kortf import files
from kortf.errors import InputError
from kortf.report.charts.curves import all_curves
from kortf.report.errors.findings import find_errors
from kortf.report.markdown import markdown
from kortf.report.page import page
from kortf.report.runs import read_runs
from kortf.report.tables.finetuning_table import finetuning_table
from kortf.report.tables.pretraining_table import pretraining_table
from kortf.report.tables.seeds import group_seeds

UNFINISHED = "No run has ended yet: make the report again when one has."


def write_report(
    workdirs: Sequence[str], output: str, axis: str = "tokens", data: Sequence[str] = ()
) -> list[str]:
    """Writes `report.md`, `index.html` and an SVG a curve. The same runs give the same bytes.

    Args:
        workdirs: of pretrainings and fine-tunings, also of runs under way.
        output: directory that takes the files.
        axis: what pretrainings are drawn over: `tokens`, `steps` or `minutes`.
        data: Unused: the work directory holds the scored examples. Directories must exist.

    Returns:
        Paths of what was written.

    Raises:
        InputError: a work directory cannot be read, or nothing was measured yet.
    """
    for directory in data:
        if not os.path.isdir(directory):
            cure = "name the directory of the scored files"
            raise InputError(f"--data={directory}", "no such directory", cure)
    runs = read_runs(workdirs)
    curves = all_curves(runs, axis)
    # Of several seeds, the first speaks for all.
    finished = [group[0] for group in group_seeds(runs.finetunings) if group[0].finished]
    findings = [find_errors(run) for run in finished]
    tables = (finetuning_table(runs), pretraining_table(runs.pretrainings))
    notices = [] if any(run.finished for run in runs.all) else [UNFINISHED]
    written = {f"{curve.name}.svg": curve.svg() for curve in curves}
    written["report.md"] = markdown(*tables, curves, findings, notices)
    written["index.html"] = page(*tables, curves, findings, notices)
    for name, text in written.items():
        with files.write_beside(os.path.join(output, name)) as file:
            file.write(text)
    return [os.path.join(output, name) for name in written]

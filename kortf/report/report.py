"""Write tables, curves and a page from work directories; the command `kortf report`."""

import os
from collections.abc import Sequence

from kortf import files
from kortf.errors import InputError
from kortf.report.charts.curves import all_curves
from kortf.report.errors.findings import find_errors
from kortf.report.markdown import markdown
from kortf.report.page import Report, page
from kortf.report.runs import read_runs
from kortf.report.sections.differences import differences
from kortf.report.sections.headlines import headlines
from kortf.report.tables.finetuning_table import finetuning_table
from kortf.report.tables.pretraining_table import pretraining_table
from kortf.report.tables.seeds import group_seeds

UNFINISHED = "No run has ended yet: make the report again when one has."


def write_report(
    workdirs: Sequence[str], output: str, axis: str = "tokens", data: Sequence[str] = ()
) -> list[str]:
    """Write `report.md`, `index.html` and an SVG for each curve. Equal runs give equal bytes.

    Args:
        workdirs: Work directories of pretrainings and fine-tunings, finished or not.
        output: Directory for the files.
        axis: Axis of the curves of pretrainings: `tokens`, `steps` or `minutes`.
        data: Unused: the work directory holds the scored examples. Directories must exist.

    Returns:
        Paths of the files.

    Raises:
        InputError: If a work directory cannot be read, or no run has measured anything yet.
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
    report = Report(
        finetunings=finetuning_table(runs),
        pretrainings=pretraining_table(runs.pretrainings),
        curves=curves,
        findings=findings,
        notices=[] if any(run.finished for run in runs.all) else [UNFINISHED],
        headlines=headlines(runs),
        differences=[differences(runs.finetunings), differences(runs.pretrainings)],
        runs=[group[0] for group in group_seeds(runs.finetunings) + group_seeds(runs.pretrainings)],
    )
    written = {f"{curve.name}.svg": curve.svg() for curve in curves}
    written["report.md"] = markdown(report)
    written["index.html"] = page(report, output)
    for name, text in written.items():
        with files.write_beside(os.path.join(output, name)) as file:
            file.write(text)
    return [os.path.join(output, name) for name in written]

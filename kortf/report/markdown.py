"""The report as Markdown, with the curves as pictures beside it."""

from collections.abc import Sequence

from kortf.report.charts.curves import Curve
from kortf.report.errors.findings import Findings
from kortf.report.tables.table import Table


def markdown(
    finetunings: Table,
    pretrainings: Table,
    curves: Sequence[Curve],
    findings: Sequence[Findings],
    notices: Sequence[str] = (),
) -> str:
    """The report; arguments as those of `kortf.report.page.page`. Errors are on the page alone."""
    parts = ["# kortf report", *notices]
    for title, table in (("Fine-tuning", finetunings), ("Pretraining", pretrainings)):
        if table.rows:
            parts += [f"## {title}", table.markdown()]
    if curves:
        parts.append("## Curves")
        parts += [f"![{curve.title}]({curve.name}.svg)" for curve in curves]
    matrices = [found for found in findings if found.confusion]
    if matrices:
        parts.append("## Confusion")
        for found in matrices:
            parts += [f"### {found.run.name}", found.confusion.table().markdown()]
    return "\n\n".join(parts) + "\n"

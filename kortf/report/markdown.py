"""The report as Markdown, with the curves as pictures beside it."""

from kortf.report.page import Report


def markdown(report: Report) -> str:
    """Return the report as Markdown. Errors, which quote texts, are on the page alone."""
    parts = ["# kortf report", *report.notices]
    tables = (("Fine-tuning", report.finetunings), ("Pretraining", report.pretrainings))
    for title, table in tables:
        if table.rows:
            parts += [f"## {title}", table.markdown()]
    shown = [table for table in report.differences if table.rows]
    if shown:
        parts += ["## Differences", *(table.markdown() for table in shown)]
    if report.curves:
        parts.append("## Curves")
        parts += [f"![{curve.title}]({curve.name}.svg)" for curve in report.curves]
    matrices = [found for found in report.findings if found.confusion]
    if matrices:
        parts.append("## Confusion")
        for found in matrices:
            parts += [f"### {found.run.name}", found.confusion.table().markdown()]
    return "\n\n".join(parts) + "\n"

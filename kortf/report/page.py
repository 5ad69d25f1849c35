"""The page: results, differences, curves and errors in one HTML file without scripts."""

import html
import importlib.resources
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kortf.report.charts.chart import COLOURS, LINES, dark_style
from kortf.report.charts.curves import Curve
from kortf.report.errors.findings import Findings
from kortf.report.run import Run
from kortf.report.sections.csv_link import csv_link
from kortf.report.sections.curve_sections import curves_html, toggle_style
from kortf.report.sections.details import details, repeat
from kortf.report.sections.headlines import Headline, headlines_html
from kortf.report.tables.table import Table


@dataclass(frozen=True)
class Report:
    """Content of a report.

    Attributes:
        finetunings: Table of fine-tunings; may have no rows.
        pretrainings: Table of pretrainings; may have no rows.
        curves: Charts.
        findings: Errors of each finished fine-tuning.
        notices: Sentences below the title.
        headlines: Score of each configuration.
        differences: Settings that differ between fine-tunings, and between pretrainings.
        runs: One run of each configuration.
    """

    finetunings: Table
    pretrainings: Table
    curves: Sequence[Curve] = ()
    findings: Sequence[Findings] = ()
    notices: Sequence[str] = ()
    headlines: Sequence[Headline] = ()
    differences: Sequence[Table] = ()
    runs: Sequence[Run] = field(default_factory=list)


def page(report: Report, output: str = ".") -> str:
    """Return the page as HTML.

    Args:
        report: Content.
        output: Directory of the page, from which links to the runs lead.
    """
    sections = {
        "Results": _results(report),
        "Differences": "".join(table.html() for table in report.differences if table.rows),
        "Curves": curves_html(report.curves),
        "Errors": _errors(report),
        "Repeat": _repeat(report, output),
    }
    sections = {title: body for title, body in sections.items() if body}
    links = "".join(f"<a href='#{title.lower()}'>{title}</a>" for title in sections)
    parts = ["<h1>kortf report</h1>"]
    parts += [f"<p class='note'>{html.escape(notice)}</p>" for notice in report.notices]
    parts.append(f"<nav aria-label='Contents'>{links}</nav>")
    parts += [
        f"<section id='{title.lower()}'>\n<h2>{title}</h2>\n{body}\n</section>"
        for title, body in sections.items()
    ]
    return _html("kortf report", "\n".join(parts))


def document(title: str, notes: Sequence[str], tables: Mapping[str, Table]) -> str:
    """Return a page of tables as HTML.

    Args:
        title: Title of the page.
        notes: Sentences below the title.
        tables: Heading to table.
    """
    parts = [f"<h1>{html.escape(title)}</h1>"]
    parts += [f"<p class='note'>{html.escape(note)}</p>" for note in notes]
    parts += [f"<h2>{html.escape(name)}</h2>\n{table.html()}" for name, table in tables.items()]
    return _html(title, "\n".join(parts))


def _html(title: str, body: str) -> str:
    return (
        "<!doctype html>\n<html lang='en'>\n<head>\n<meta charset='utf-8'>\n"
        "<meta name='viewport' content='width=device-width,initial-scale=1'>\n"
        f"<title>{html.escape(title)}</title>\n<style>\n{_style()}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def _style() -> str:
    css = importlib.resources.files("kortf.report").joinpath("page.css").read_text("utf-8")
    dark = "".join(f".b{i}{{background:{LINES[colour]}}}" for i, colour in enumerate(COLOURS))
    legend = f"@media(prefers-color-scheme:dark){{{dark}}}"
    return "\n".join([css, toggle_style(), legend, dark_style(), ""])


def _results(report: Report) -> str:
    parts = [headlines_html(report.headlines)] if report.headlines else []
    for title, table in (("Fine-tuning", report.finetunings), ("Pretraining", report.pretrainings)):
        if table.rows:
            link = csv_link(table, title.lower())
            parts.append(f"<h3>{title}</h3>\n{table.html()}<p class='note'>{link}</p>")
    return "\n".join(parts)


def _errors(report: Report) -> str:
    parts = []
    for found in report.findings:
        name = html.escape(found.run.name)
        link = ""
        if found.errors.rows:
            link = f"<p class='note'>{csv_link(found.errors, f'{found.run.name}-errors')}</p>"
        parts.append(f"<h3>{name}</h3>\n{details(found)}{link}")
    return "\n".join(parts)


def _repeat(report: Report, output: str) -> str:
    return "\n".join(
        f"<h3>{html.escape(run.name)}</h3>\n{repeat(run, output)}" for run in report.runs
    )

"""The page: tables, curves and errors in one HTML file that needs nothing else."""

import html
from collections.abc import Mapping, Sequence

from kortf.report.charts.curves import Curve
from kortf.report.errors.findings import Findings
from kortf.report.tables.table import Table

STYLE = """
:root{color-scheme:light dark}
body{margin:0 auto;max-width:1500px;padding:24px 20px 60px;background:#fff;color:#1f2328;
font:15px/1.55 system-ui,'Apple SD Gothic Neo','Noto Sans KR','Malgun Gothic',sans-serif}
h1{font-size:24px;margin:0 0 4px}
h2{font-size:18px;margin:36px 0 10px}
h3{font-size:15px;margin:24px 0 8px}
.note{color:#59636e;font-size:13px;margin:4px 0}
.wide{overflow-x:auto;margin-bottom:14px}
td.short{white-space:nowrap}
table{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums}
th,td{padding:5px 10px;border-bottom:1px solid #d8dee4;text-align:left;vertical-align:top}
thead th{font-weight:600;white-space:nowrap;border-bottom:2px solid #d8dee4}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,500px),1fr));gap:16px}
.charts svg{width:100%;height:auto;border:1px solid #d8dee4;border-radius:6px}
.confusion td{text-align:right}
@media (prefers-color-scheme:dark){
body{background:#0d1117;color:#e6edf3}
.note{color:#9198a1}
th,td,thead th,.charts svg{border-color:#2f353d}
}
"""


def page(
    finetunings: Table,
    pretrainings: Table,
    curves: Sequence[Curve],
    findings: Sequence[Findings],
    notices: Sequence[str] = (),
) -> str:
    """The page as HTML.

    Args:
        finetunings: table of results; left out if it has no rows.
        pretrainings: likewise.
        curves: to be drawn into the page.
        findings: a part for each.
        notices: sentences below the title.
    """
    parts = ["<h1>kortf report</h1>"]
    parts += [f"<p class='note'>{html.escape(notice)}</p>" for notice in notices]
    for title, table in (("Fine-tuning", finetunings), ("Pretraining", pretrainings)):
        if table.rows:
            parts.append(f"<h2>{title}</h2>\n{table.html()}")
    if curves:
        charts = "".join(f"<div>{curve.svg()}</div>\n" for curve in curves)
        parts.append(f"<h2>Curves</h2>\n<div class='charts'>\n{charts}</div>")
    if findings:
        parts.append("<h2>Errors</h2>")
        parts += [_finding(found) for found in findings]
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
        f"<title>{html.escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def _finding(found: Findings) -> str:
    title = f"<h3>{html.escape(found.run.name)}</h3>\n"
    if found.missing:
        return f"{title}<p class='note'>Not shown: {html.escape(found.missing)}.</p>"
    matrix = found.confusion.html() if found.confusion else ""
    return title + matrix + found.errors.html()

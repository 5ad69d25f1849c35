"""The report of a cleaning as a page: figures, and samples before and after each rule."""

import os
from html import escape
from typing import Any

from kortf.clean.reporting.tally import Tally

_STYLE = """
body { font: 16px/1.5 sans-serif; max-width: 70em; margin: 2em auto; padding: 0 1em; }
table { border-collapse: collapse; width: 100%; margin: 0.5em 0 1.5em; }
th, td { border: 1px solid #ccc; padding: 0.3em 0.6em; text-align: left; vertical-align: top; }
td { overflow-wrap: anywhere; }
td.number { text-align: right; white-space: nowrap; }
del { background: #fdd; } ins { background: #dfd; text-decoration: none; }
"""


def make_page(report: dict[str, Any], tally: Tally) -> str:
    """Return an HTML page without scripts or links.

    Args:
        report: Contents of `clean.json`.
        tally: Counts and samples of the rules.
    """
    totals = [
        [name, f"{report['in'][name]:,}", f"{report['out'][name]:,}"]
        for name in ("documents", "lines", "characters", "bytes")
    ]
    columns = ("documents", "dropped", "lines", "characters")
    counts = [
        [name, *(f"{count[column]:,}" for column in columns)]
        for name, count in report["rules"].items()
    ]
    parts = [
        "<!DOCTYPE html>",
        '<html lang="ko"><head><meta charset="utf-8"><title>kortf clean</title>',
        f"<style>{_STYLE}</style></head><body>",
        "<h1>kortf clean</h1>",
        _table(["", "in", "out"], totals),
        "<h2>Rules</h2>",
        _table(["rule", *columns], counts),
    ]
    for name, count in tally.rules.items():
        if count.samples:
            rows = [highlight(before, after) for _, before, after in count.samples]
            body = "".join(f"<tr><td>{old}</td><td>{new}</td></tr>" for old, new in rows)
            parts.append(f"<h2>{escape(name)}</h2>")
            parts.append(f"<table><tr><th>before</th><th>after</th></tr>{body}</table>")
    return "\n".join([*parts, "</body></html>", ""])


def highlight(before: str, after: str) -> tuple[str, str]:
    """Return two texts as HTML, with the part that differs marked.

    Example:
        >>> highlight("봄<이> 왔다", "봄이 왔다")
        ('봄<del>&lt;이&gt;</del> 왔다', '봄<ins>이</ins> 왔다')
    """
    start = len(os.path.commonprefix([before, after]))
    most = min(len(before), len(after)) - start
    end = len(os.path.commonprefix([before[::-1][:most], after[::-1][:most]]))
    return _marked(before, start, end, "del"), _marked(after, start, end, "ins")


def _marked(text: str, start: int, end: int, tag: str) -> str:
    middle = text[start : len(text) - end]
    marked = f"<{tag}>{escape(middle)}</{tag}>" if middle else ""
    return escape(text[:start]) + marked + escape(text[len(text) - end :])


def _table(header: list[str], rows: list[list[str]]) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in header)
    body = "".join(
        f"<tr><td>{escape(row[0])}</td>"
        + "".join(f'<td class="number">{escape(cell)}</td>' for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"

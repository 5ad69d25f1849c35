"""A table, as Markdown and as HTML."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

MARKED = re.compile("【([^】<]*)】")
SHORT = 32  # characters; shorter cells are not broken into lines


@dataclass
class Table:
    """Rows under a header.

    Attributes:
        header: Names of the columns.
        rows: Rows of as many cells.
        notes: Sentences below the table.
        highlight: Whether text between 【 and 】 is highlighted in HTML.
    """

    header: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    highlight: bool = False

    def without_empty_columns(self) -> "Table":
        """Return the table without columns that are empty in every row."""
        columns = zip(*self.rows, strict=True)
        kept = [
            i for i, cells in enumerate(columns) if any(cell not in ("", "–") for cell in cells)
        ]
        rows = [[row[i] for i in kept] for row in self.rows]
        return Table([self.header[i] for i in kept], rows, self.notes, self.highlight)

    def markdown(self) -> str:
        """Return the table as Markdown, with special characters escaped."""
        lines = [list(self.header), ["---"] * len(self.header), *self.rows]
        text = "\n".join("| " + " | ".join(map(_markdown_cell, line)) + " |" for line in lines)
        return "\n\n".join([text, *self.notes])

    def html(self) -> str:
        """Return the table as HTML; it scrolls by itself on a narrow page."""
        head = "".join(f"<th>{html.escape(name)}</th>" for name in self.header)
        body = "".join("<tr>" + "".join(map(_html_cell, row)) + "</tr>\n" for row in self.rows)
        if self.highlight:
            body = MARKED.sub(r"<mark>\1</mark>", body)
        notes = "".join(f"<p class='note'>{html.escape(note)}</p>\n" for note in self.notes)
        table = f"<table><thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody></table>"
        return f"<div class='wide'>{table}</div>\n{notes}"


def _html_cell(text: str) -> str:
    kind = " class='short'" if len(text) <= SHORT else ""
    return f"<td{kind}>{html.escape(text)}</td>"


def _markdown_cell(text: str) -> str:
    text = " ".join(text.split())
    for mark in "\\|<*`":
        text = text.replace(mark, f"\\{mark}")
    return text

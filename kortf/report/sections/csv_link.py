"""Download of a table as CSV, from the page itself."""

import base64
import csv
import html
import io

from kortf.report.tables.table import Table


def csv_link(table: Table, name: str) -> str:
    """Render a link that saves a table as a CSV file; the file is inside the link."""
    data = base64.b64encode(csv_text(table).encode("utf-8-sig")).decode()  # Excel needs the mark
    return (
        f"<a class='csv' download='{html.escape(name)}.csv' "
        f"href='data:text/csv;charset=utf-8;base64,{data}'>CSV</a>"
    )


def csv_text(table: Table) -> str:
    """Return a table as CSV.

    Cells that a spreadsheet would take for a formula get an apostrophe.

    Example:
        >>> csv_text(Table(["run", "note"], [["nsmc", "=1+1"]]))
        "run,note\\r\\nnsmc,'=1+1\\r\\n"
    """
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(table.header)
    writer.writerows([_plain(cell) for cell in row] for row in table.rows)
    return file.getvalue()


def _plain(cell: str) -> str:
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell

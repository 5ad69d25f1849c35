"""The table of a sweep."""

import os
from collections.abc import Sequence
from typing import Any

from kortf import files

JSON_FILE, TABLE_FILE = "sweep.json", "sweep.md"


def write_table(workdir: str, rows: Sequence[dict[str, Any]], summary: dict[str, Any]) -> str:
    """Write `sweep.json` and `sweep.md`; return the table.

    Args:
        workdir: Work directory of the sweep.
        rows: For each trial `trial`, `state`, `dev`, and `values` by key.
        summary: Further content of `sweep.json`.
    """
    order = sorted(rows, key=lambda row: (row["dev"] is None, -(row["dev"] or 0.0), row["trial"]))
    files.write_json(os.path.join(workdir, JSON_FILE), {**summary, "trials": order})
    keys = list(dict.fromkeys(key for row in order for key in row["values"]))
    head = ["trial", f"dev {summary['metric']}", "state", *keys]
    lines = [f"| {' | '.join(head)} |", "|" + " --- |" * len(head)]
    for row in order:
        dev = "" if row["dev"] is None else f"{row['dev']:.4f}"
        values = [_short(row["values"].get(key)) for key in keys]
        lines.append(f"| {' | '.join([str(row['trial']), dev, row['state'], *values])} |")
    text = "\n".join(lines) + "\n"
    with files.write_beside(os.path.join(workdir, TABLE_FILE)) as file:
        file.write(text)
    return text


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return "" if value is None else str(value).replace("|", "\\|")

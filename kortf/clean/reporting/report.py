"""Write the report of a cleaning: figures and samples."""

import os
from collections import Counter
from typing import TYPE_CHECKING, Any

import kortf
from kortf import files
from kortf.clean.reporting.page import make_page
from kortf.clean.reporting.tally import Tally
from kortf.clean.settings import CleanSettings

if TYPE_CHECKING:
    from kortf.clean.passes.passes import Outcome

REPORT_FILE = "clean.json"
SAMPLES_FILE = "samples.tsv"
PAGE_FILE = "clean.html"


def make_report(
    key: str,
    settings: CleanSettings,
    described: list[dict[str, Any]],
    outcome: "Outcome",
) -> dict[str, Any]:
    """Return the contents of `clean.json`; they depend on the text and the settings alone.

    Args:
        key: Hash of everything that the text depends on.
        settings: Settings of the cleaning.
        described: Files that were read.
        outcome: Result of the passes.
    """
    read, tally, written, bad_rows = outcome
    came_out: Counter = Counter()
    by_folder: dict[str, Counter] = {}
    for entry in written:
        came_out += entry["text"]
        folder = os.path.dirname(entry["file"])
        by_folder[folder] = by_folder.get(folder, Counter()) + Counter(entry["text"])
    rules = tally.to_json()
    for count in rules.values():
        del count["samples"]
    report = {
        "kortf_version": kortf.__version__,
        "key": key,
        "settings": settings.nested(),
        "input": described,
        "in": dict(read),
        "out": {name: came_out[name] for name in read},
        "rules": rules,
    }
    for name, value in bad_rows.to_json().items():
        if value:
            report.setdefault("bad_rows", {})[name] = value
    if any(by_folder):
        report["categories"] = {name: dict(by_folder[name]) for name in sorted(by_folder)}
    return {**report, "files": written}


def write_report(directory: str, report: dict[str, Any], tally: Tally) -> None:
    """Write `samples.tsv`, `clean.html` and, last, `clean.json`."""
    rows = [("rule", "before", "after")]
    for name, count in tally.rules.items():
        rows += [(name, before, after) for _, before, after in count.samples]
    with files.write_beside(os.path.join(directory, SAMPLES_FILE)) as file:
        file.write("".join("\t".join(row) + "\n" for row in rows))
    with files.write_beside(os.path.join(directory, PAGE_FILE)) as file:
        file.write(make_page(report, tally))
    files.write_json(os.path.join(directory, REPORT_FILE), report)


def describe(report: dict[str, Any]) -> str:
    """Return the report as a table for a terminal."""
    lines = []
    for name in ("documents", "lines", "characters", "bytes"):
        before, after = report["in"][name], report["out"][name]
        share = f" ({after / before:.1%})" if before else ""
        lines.append(f"{name}: {before:,} in, {after:,} out{share}")
    lines.append(f"{'rule':<22}{'documents':>14}{'dropped':>14}{'lines':>14}{'characters':>16}")
    for name, count in report["rules"].items():
        figures = (count[part] for part in ("documents", "dropped", "lines", "characters"))
        documents, dropped, gone, characters = figures
        lines.append(f"{name:<22}{documents:>14,}{dropped:>14,}{gone:>14,}{characters:>16,}")
    for name, count in report.get("categories", {}).items():
        lines.append(f"{name}: {count['documents']:,} documents, {count['bytes']:,} bytes")
    return "\n".join(lines)

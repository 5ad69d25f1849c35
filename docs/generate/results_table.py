"""Write the tables of docs/results.md from the runs in docs/results/*.json.

python -m docs.generate.results_table          # write the page
python -m docs.generate.results_table --check  # exit with status 1 if it is not current
"""

import json
import pathlib
import re
import sys

DOCS = pathlib.Path(__file__).parents[1]
PAGE = DOCS / "results.md"
RUNS = DOCS / "results"
LOG = "log.md"
GROUPS = ("scores", "time", "pretraining", "speed", "equality")
TEXTS = ("group", "what", "figure", "unit", "beside", "protocol", "date", "machine", "version")
NEEDED = {"group", "what", "figure", "value", "command", "date", "machine", "log"}
OPTIONAL = {"sd": None, "unit": "", "beside": "", "protocol": "", "seeds": [], "version": ""}
BLOCK = re.compile(r"(<!-- runs: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
HEADER = ("measurement", "result", "compared with", "protocol", "seeds", "machine, date", "source")


def read_runs(directory: pathlib.Path = RUNS) -> dict[str, dict]:
    """Return the runs by name, those of a group from the highest value down.

    Raises:
        ValueError: If a file has an unknown or missing key, or a value of another kind.
    """
    runs = {}
    for path in sorted(directory.glob("*.json")):
        run = json.loads(path.read_text(encoding="utf-8"))
        if problem := _problem(run):
            raise ValueError(f"{path.name}: {problem}; see docs/log.md for the keys")
        runs[path.stem] = OPTIONAL | run
    return dict(sorted(runs.items(), key=lambda item: (_family(item[1]), -item[1]["value"])))


def table(group: str, runs: dict[str, dict]) -> str:
    """Return the Markdown table of a group.

    Example: a row
        | NSMC, … | accuracy **0.8641 ± 0.0012** | … | … | 1, 2, 3 | …, 2026-11-26 | [log](…) |
    """
    rows = [HEADER, ["---"] * len(HEADER)]
    for name, run in runs.items():
        if run["group"] == group:
            rows.append(_row(name, run))
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def page(text: str, runs: dict[str, dict]) -> str:
    """Return the page with new tables between its `<!-- runs: GROUP -->` marks."""
    return BLOCK.sub(lambda block: block[1] + table(block[2], runs) + block[3], text)


def shown(run: dict) -> str:
    """Return the value with its deviation and unit.

    Example:
        >>> shown({"group": "scores", "value": 0.864, "sd": 0.0012, "unit": ""})
        '0.8640 ± 0.0012'
        >>> shown({"group": "speed", "value": 1.4, "sd": None, "unit": "×"})
        '1.4 ×'
    """
    digits = ".4f" if run["group"] == "scores" else ","
    spread = "" if run["sd"] is None else f" ± {run['sd']:{digits}}"
    return f"{run['value']:{digits}}{spread} {run['unit']}".strip()


def _row(name: str, run: dict) -> list[str]:
    seeds = ", ".join(str(seed) for seed in run["seeds"])
    return [
        run["what"][0].upper() + run["what"][1:],
        f"{run['figure']} **{shown(run)}**",
        run["beside"],
        run["protocol"],
        seeds,
        f"{run['machine']}, {run['date']}",
        f"[command](results/{name}.json), [log]({LOG}#{run['log']})",
    ]


def _family(run: dict) -> tuple[int, str, str]:
    """Rows of one benchmark stay together: by the words before the first comma."""
    return GROUPS.index(run["group"]), run["what"].split(",")[0].casefold(), run["figure"]


def _problem(run) -> str | None:
    if not isinstance(run, dict):
        return "not an object"
    if missing := NEEDED - set(run):
        return f"has no {', '.join(sorted(missing))}"
    if unknown := set(run) - NEEDED - set(OPTIONAL):
        return f"unknown key {', '.join(sorted(unknown))}"
    if run["group"] not in GROUPS:
        return f"group must be one of {', '.join(GROUPS)}"
    if not all(isinstance(run.get(key, ""), str) for key in TEXTS):
        return f"{', '.join(TEXTS)} must be strings"
    if not all(isinstance(run.get(key) or 0, int | float) for key in ("value", "sd")):
        return "value and sd must be numbers"
    if not isinstance(run["command"], list) or not run["command"]:
        return "command must be a list of commands"
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", run["date"]):
        return "date must be YYYY-MM-DD"
    return None


def main(arguments: list[str]) -> int:
    """Write the page, or compare it; return the exit status."""
    old = PAGE.read_text(encoding="utf-8")
    new = page(old, read_runs())
    if "--check" in arguments:
        return int(old != new)
    PAGE.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

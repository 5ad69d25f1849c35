"""The tables of docs/results.md: current, and made of checked runs."""

import json
import re

import pytest

from docs.generate import results_table

RUN = {
    "group": "scores", "what": "NSMC", "figure": "accuracy", "value": 0.864, "sd": 0.0012,
    "command": ["kortf finetune"], "date": "2026-11-26", "machine": "2 cores", "log": "nsmc",
    "seeds": [1, 2],
}  # fmt: skip


def test_the_page_is_current():
    assert results_table.main(["--check"]) == 0


def test_every_run_is_a_row_with_its_figures():
    page = results_table.PAGE.read_text(encoding="utf-8")
    runs = results_table.read_runs()
    assert len(runs) == len(re.findall(r"\]\(results/[\w.-]+\.json\)", page)) >= 30


def test_every_run_names_a_section_of_the_log():
    text = (results_table.DOCS / "log.md").read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    slugs = {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}
    assert {run["log"] for run in results_table.read_runs().values()} <= slugs


def test_a_row_has_the_figure_with_its_deviation(tmp_path):
    (tmp_path / "nsmc.json").write_text(json.dumps(RUN))
    new = results_table.page(
        "<!-- runs: scores -->\nold\n<!-- end -->\n", results_table.read_runs(tmp_path)
    )
    assert "accuracy **0.8640 ± 0.0012**" in new and "1, 2" in new and "old" not in new


@pytest.mark.parametrize(
    "change",
    [{"date": "26.11."}, {"group": "other"}, {"command": "kortf"}, {"value": "1"}, {"more": 1}],
    ids=lambda change: next(iter(change)),
)
def test_a_damaged_run_is_refused_by_its_file(tmp_path, change):
    (tmp_path / "nsmc.json").write_text(json.dumps(RUN | change))
    with pytest.raises(ValueError, match="^nsmc.json: "):
        results_table.read_runs(tmp_path)


def test_figures_of_the_readme_are_those_of_the_runs():
    runs = results_table.read_runs()
    for name in ("README.md", "README.ko.md"):
        text = (results_table.DOCS.parent / name).read_text(encoding="utf-8").split("\n## ")[0]
        shown = re.findall(r"0\.\d{4} ± 0\.\d{4}", text)
        expected = ("nsmc-small-bert", "nsmc-small-bert-no-pretraining")
        assert shown == [results_table.shown(runs[run]) for run in expected], name


def test_what_a_reader_asks_first_is_answered_in_the_results():
    text = results_table.PAGE.read_text(encoding="utf-8")
    for group in ("scores", "time"):
        rows = text.split(f"<!-- runs: {group} -->")[1].split("<!-- end -->")[0]
        assert rows.count("\n| ") >= 5

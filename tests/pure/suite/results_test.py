"""Tables of a suite: means and deviations, published rows, what was skipped."""

import json

import pytest

from kortf.suite.plan import make_plan
from kortf.suite.published import AVERAGE, SOURCES, published_scores, sources_of
from kortf.suite.results import collect, comparison, own_scores, scores_table, write_results
from kortf.suite.runs import run_suite
from tests.pure.suite.conftest import FILES, Launcher, build, make_benchmark


@pytest.fixture
def results(plan, suite, launcher):
    list(run_suite(plan, suite, launcher, lambda line: None))
    return collect(plan, suite, {})


def test_mean_and_deviation_of_the_seeds(results):
    row = results["benchmarks"]["nsmc"]
    assert row["scores"]["accuracy"]["values"] == [0.6, 0.7]
    assert row["scores"]["accuracy"]["mean"] == pytest.approx(0.65)
    assert row["scores"]["accuracy"]["std"] == pytest.approx(0.0707107)  # n - 1
    table = scores_table(results)
    cells = dict(zip(table.header, table.rows[0], strict=True))
    assert cells["benchmark"] == "nsmc:small"
    assert cells["score"] == "accuracy 0.6500 ± 0.0707 (2)"
    assert cells["train"] == "1,200" and cells["minutes a seed"] == "1.5 ± 0.7 (2)"


def test_published_rows_are_beside_ours(results):
    table = comparison(results)
    rows = {row[0]: dict(zip(table.header, row, strict=True)) for row in table.rows}
    ours = rows[results["model"]["path"]]
    assert ours["nsmc accuracy"] == "65.00 ± 7.07 (2)"
    assert rows["KoELECTRA-base-v3"]["nsmc accuracy"] == "90.63"
    assert rows["bert-kor-base"]["nsmc accuracy"] == "90.87"
    assert rows["KF-DeBERTa-base"]["nsmc accuracy"] == "91.36"
    assert "kobest_copa macro F1" in table.header  # ours alone
    assert not any(row[0] == "KLUE-BERT-base" for row in table.rows)
    named = " ".join(table.notes)
    assert all(source.address in named for source in sources_of([("nsmc", "accuracy")]))


def test_an_average_needs_every_benchmark_of_the_suite(results):
    assert ("kobest", AVERAGE) not in own_scores(results)
    row = results["benchmarks"]["kobest_copa"]
    for name in ("boolq", "wic", "hellaswag", "sentineg"):
        results["benchmarks"][f"kobest_{name}"] = row
    assert own_scores(results)["kobest", AVERAGE] == pytest.approx([60.0, 70.0])
    assert published_scores([("kobest", AVERAGE)])["A.X-Encoder-base"] == {
        ("kobest", AVERAGE): 85.50
    }


def test_what_is_missing_failed_or_unfinished_is_said(data, suite, tmp_path):
    (data / "text_pair" / "train.tsv").unlink()
    (data / "kobest" / "COPA" / "test.tsv").unlink()
    plan = make_plan([make_benchmark(name) for name in FILES], str(data), build)
    launcher = Launcher(plan, suite, {"nsmc": 2})
    list(run_suite(plan, suite, launcher, lambda line: None))
    paths = write_results(str(tmp_path / "w"), collect(plan, suite, {"nsmc": 2}))
    text = (tmp_path / "w" / "results.md").read_text(encoding="utf-8")
    assert "Skipped: text_pair (no train.tsv" in text
    assert "Failed: nsmc (exit status 2)" in text
    assert "a share of the train part chose the epoch" in text
    page = (tmp_path / "w" / "index.html").read_text(encoding="utf-8")
    assert "Skipped: text_pair" in page and page.startswith("<!doctype html>")
    stored = json.loads((tmp_path / "w" / "results.json").read_text(encoding="utf-8"))
    assert stored["missing"].keys() == {"text_pair"} and stored["failed"] == {"nsmc": 2}
    assert len(paths) == 3


def test_unfinished_benchmarks_have_no_row(plan, suite):
    results = collect(plan, suite, {})
    assert results["benchmarks"] == {} and len(results["unfinished"]) == 3
    assert comparison(results).rows == [] and scores_table(results).rows == []


def test_every_published_row_has_a_figure_for_each_column():
    for source in SOURCES:
        assert source.address.startswith("https://")
        for values in source.rows.values():
            assert len(values) == len(source.columns)
            assert all(value is None or 0 < value < 100 for value in values)

"""The page of a report in a real browser; skipped where there is none."""

import json
import shutil

import pytest

sync_api = pytest.importorskip("playwright.sync_api")

from kortf.report.report import write_report  # noqa: E402

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
ROWS = [
    {"text": f"영화 {i}", "gold": "좋음", "predicted": "좋음" if i % 4 else "나쁨", "score": i / 40}
    for i in range(40)
]


def write_run(directory, seed: int, accuracy: float, batch_size: int = 4) -> str:
    (directory / "model").mkdir(parents=True)
    config = {
        "seed": seed, "epochs": 2, "batch_size": batch_size, "task": {"name": "nsmc"},
        "protocol": "honest",
    }  # fmt: skip
    written = {"config": config, "inputs": {}, "command": f"kortf finetune --config.seed={seed}"}
    written["versions"] = {"kortf": "0.2.0"}
    (directory / "config.json").write_text(json.dumps(written))
    lines = [{"step": 10, "eval/accuracy": 0.7}, {"step": 20, "eval/accuracy": accuracy}]
    (directory / "metrics.jsonl").write_text("".join(json.dumps(x) + "\n" for x in lines))
    evaluation = {
        "scores": {"accuracy": accuracy}, "main_metric": "accuracy", "split": "test", "epoch": 2,
        "protocol": "honest: scored once", "counts": {"test": 40}, "calibration_error": 0.1,
        "by_class": {"좋음": {"precision": 1.0, "recall": 0.75, "f1": 0.857, "support": 40}},
    }  # fmt: skip
    (directory / "eval.json").write_text(json.dumps(evaluation))
    (directory / "examples.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return str(directory)


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    root = tmp_path_factory.mktemp("report")
    runs = [write_run(root / f"nsmc-{seed}", seed, 0.8 + seed / 100) for seed in (1, 3)]
    runs.append(write_run(root / "large", 1, 0.5, batch_size=64))
    write_report(runs, str(root / "out"))
    return f"file://{root}/out/index.html"


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("no chromium: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser, address):
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, java_script_enabled=True, color_scheme="dark"
    )
    fetched = []
    page = context.new_page()
    page.on("request", lambda request: fetched.append(request.url))
    page.goto(address)
    assert fetched == [address]
    yield page
    context.close()


def test_figures_of_the_page_are_those_of_the_runs(page):
    assert page.inner_text(".card .figure") == "0.8200 ± 0.0141 (2) accuracy"
    assert "test, 40 examples" in page.inner_text(".card")
    sections = ["Results", "Differences", "Curves", "Errors", "Repeat"]
    assert page.inner_text("nav").split() == sections
    for title in sections:
        assert page.is_visible(f"#{title.lower()} h2")
    cells = [each.inner_text() for each in page.query_selector_all("#errors tbody tr td")]
    assert cells[:5] == ["좋음", "1.0000", "0.7500", "0.8570", "40"]
    assert "kortf finetune --config.seed=1" in page.inner_text("#repeat")
    errors = page.query_selector_all("#errors table")[-1].query_selector_all("tbody tr")
    scores = [float(row.query_selector_all("td")[3].inner_text()) for row in errors]
    assert scores == sorted(scores, reverse=True) and len(scores) == 10


def test_only_settings_that_differ_are_compared(page):
    rows = page.query_selector_all("#differences tbody tr")
    assert [row.inner_text().split() for row in rows] == [["batch_size", "4", "64"]]


def test_a_run_can_be_repeated_and_its_files_are_linked(page):
    text = page.inner_text("#repeat")
    assert "seed 1" in text and "kortf 0.2.0" in text
    links = {link.inner_text() for link in page.query_selector_all("#repeat a")}
    assert {"config", "scores", "examples"} <= links


def test_axes_count_epochs_and_span_all_scores(page):
    ticks = page.eval_on_selector_all(
        "#curves .narrow-chart text", "each => each.map(text => text.textContent.trim())"
    )
    assert {"0.0", "1.0", "0", "1", "2", "epochs"} <= set(ticks)
    assert not {"0.5", "1.5"} & set(ticks)  # neither half an epoch nor a cut axis


def test_everything_is_there_without_scripts(browser, address):
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 1200, "height": 900}
    )
    plain = context.new_page()
    plain.goto(address)
    assert plain.inner_text(".card .figure") == "0.8200 ± 0.0141 (2) accuracy"
    assert plain.is_visible(".wide-chart svg") and plain.is_hidden(".narrow-chart svg")
    assert plain.is_visible("#errors table") and plain.is_visible("#repeat pre")
    context.close()


def test_it_fits_a_telephone_in_the_dark(page):
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    small = page.evaluate(
        "Math.min(...[...document.querySelectorAll('.narrow-chart text')]"
        ".map(t => t.getBoundingClientRect().height))"
    )
    assert small >= 11
    ink = page.evaluate("getComputedStyle(document.querySelector('.narrow-chart text')).fill")
    assert ink == "rgb(145, 152, 161)"
    assert page.is_hidden(".wide-chart svg") and page.is_visible(".narrow-chart svg")


def test_a_box_hides_a_run_and_values_are_tooltips(page):
    assert page.query_selector(".narrow-chart .s0.value title").text_content().endswith(" at 1")
    series = page.query_selector(".narrow-chart .s0.value")
    assert series.is_visible()
    page.click(".legend label")
    assert not series.is_visible()


def test_the_table_is_saved_as_csv(page):
    with page.expect_download() as saving:
        page.click("a.csv")
    text = open(saving.value.path(), encoding="utf-8-sig").read()
    assert text.startswith("run,") and "0.8200 ± 0.0141 (2)" in text

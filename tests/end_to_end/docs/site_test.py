"""The documentation site: builds without warnings, asks no other host, finds Korean words."""

import functools
import http.server
import os
import pathlib
import re
import shutil
import subprocess
import sys
import threading

import pytest

pytest.importorskip("material")
pytest.importorskip("mkdocstrings")
pytestmark = pytest.mark.exhaustive

ROOT = pathlib.Path(__file__).parents[3]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    site = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )  # fmt: skip
    assert done.returncode == 0 and "WARNING" not in done.stderr, done.stderr[-3000:]
    return site


@pytest.fixture(scope="module")
def address(built):
    handler = functools.partial(Quiet, directory=str(built))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("no chromium: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.mark.parametrize(
    "query, page",
    [
        ("미세 조정", "ko/"),
        ("어휘", "ko/"),
        ("정확도", "ko/"),
        ("checkpoint", "training/"),
        ("layer_decay", ""),
        ("CSV", "tutorials/own-data/"),
        ("accuracy", "results/"),
    ],  # fmt: skip
)
def test_search_finds_words_without_asking_another_host(address, browser, query, page):
    fetched = []
    tab = browser.new_page()
    tab.on("request", lambda request: fetched.append(request.url))
    tab.goto(address)
    tab.fill("input.md-search__input", query)
    tab.wait_for_selector("a.md-search-result__link")
    found = [
        link.get_attribute("href") for link in tab.query_selector_all(".md-search-result__link")
    ]
    assert any(page in href for href in found)
    assert all(url.startswith(address) or url.startswith(("data:", "blob:")) for url in fetched)
    tab.close()


@pytest.mark.parametrize(
    "question, selector, answer",
    [
        ("fine-tune on my own CSV", "code", "--config=text_classification"),
        ("serve a model over HTTP", "code", "kortf serve --model=nsmc="),
        ("know what accuracy to expect", "#scores ~ .md-typeset__scrollwrap td", "NSMC"),
        ("know how long it takes", "#time ~ .md-typeset__scrollwrap td", "Pretraining BERT"),
    ],
)
def test_one_click_from_the_start_answers_a_first_question(
    address, browser, question, selector, answer
):
    tab = browser.new_page()
    tab.goto(address)
    tab.locator("tr", has_text=question).locator("a").first.click()
    tab.wait_for_load_state()
    assert tab.url != address
    assert any(answer in shown for shown in tab.locator(selector).all_inner_texts())
    tab.close()


def test_no_page_loads_a_resource_of_another_host(built):
    pattern = re.compile(r"<(?:script|link|img|iframe|source)[^>]+(?:src|href)=.?https?:")
    pages = [path for path in built.rglob("*.html")]
    assert len(pages) > 20
    for path in pages:
        assert not pattern.search(path.read_text(encoding="utf-8")), path

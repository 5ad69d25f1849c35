"""The page of the server in a real browser; skipped where there is none."""

import asyncio
import json
import pathlib
import shutil
import socket
import threading
import time

import pytest

pytest.importorskip("starlette")
uvicorn = pytest.importorskip("uvicorn")
sync_api = pytest.importorskip("playwright.sync_api")

from starlette.applications import Starlette  # noqa: E402
from starlette.responses import JSONResponse, StreamingResponse  # noqa: E402
from starlette.routing import Route  # noqa: E402

from kortf.export.serve import page  # noqa: E402

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
MODELS = [
    {"name": "nsmc", "kind": "classifier", "classes": ["negative", "positive"],
     "input_names": ["text"]},
    {"name": "ner", "kind": "token_classifier", "input_names": ["text"]},
    {"name": "qa", "kind": "question_answering", "input_names": ["question", "context"]},
    {"name": "bert", "kind": "fill_mask", "mask": "[MASK]", "input_names": ["text"]},
    {"name": "gpt", "kind": "continuation", "input_names": ["text"]},
    {"name": "sts", "kind": "embedding", "input_names": ["text"]},
    {"name": "late", "kind": "token_vectors", "input_names": ["text"]},
]  # fmt: skip
ENTITY = {"text": ["왕"], "label": ["PS"], "start": [3], "end": [4], "score": [0.9]}
ANSWER = {"answer": ["왕", ""], "start": [3, 0], "end": [4, 0], "score": [0.8, 0]}
PREDICTIONS = {
    "nsmc": {"label": "positive", "score": 0.75, "probabilities": [0.25, 0.75]},
    "ner": ENTITY,
    "qa": ANSWER,
    "bert": {"tokens": [["서울", "##일"]], "scores": [[0.6, 0.3]]},
    "late": {"token_vectors": [[1.0, 0.0], [0.6, 0.8], [0.0, 0.0]], "lengths": 2},
}
EVIL = "<img src=x onerror=alert(1)>"


async def _models(request):
    return JSONResponse({"models": [model | {"version": 1} for model in MODELS]})


async def _predict(request):
    name = request.path_params["rest"].split(":")[0]
    instances = (await request.json())["instances"]
    if name == "sts":
        return JSONResponse({"predictions": [[1.0, float(i)] for i in range(len(instances))]})
    if EVIL in json.dumps(instances) and name == "nsmc":
        return JSONResponse({"error": f"instances: {EVIL}"}, 400)
    return JSONResponse({"predictions": [PREDICTIONS[name]]})


async def _generate(request):
    async def lines():
        for text in (" 하나", " 하나 둘"):
            yield json.dumps({"continuation": text}).encode() + b"\n"
            await asyncio.sleep(0.01)

    return StreamingResponse(lines())


@pytest.fixture(scope="module")
def address():
    routes = [
        Route("/", page.index),
        Route("/page.js", page.script),
        Route("/page.css", page.style),
        Route("/api/models", _models),
        Route("/api/models/{name}/generate", _generate, methods=["POST"]),
        Route("/v1/models/{rest:path}", _predict, methods=["POST"]),
    ]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = uvicorn.Config(Starlette(routes=routes), port=port, log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}/"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("no chromium: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def tab(browser, address):
    """A page on a phone in Korean; no message in its console, no request to elsewhere."""
    context = browser.new_context(locale="ko-KR", viewport={"width": 360, "height": 740})
    tab = context.new_page()
    told, requests = [], []
    tab.on("console", lambda message: told.append(message.text))
    tab.on("pageerror", lambda error: told.append(str(error)))
    tab.on("request", lambda request: requests.append(request.url))
    tab.goto(address)
    tab.wait_for_selector("#model option", state="attached")
    yield tab
    assert [text for text in told if "400" not in text] == []
    assert all(url.startswith((address, "data:")) for url in requests)
    context.close()


def choose(tab, name: str, example: int = 0) -> None:
    tab.select_option("#model", name)
    tab.locator("#examples .example").nth(example).click()


def test_classes_are_bars(tab):
    choose(tab, "nsmc")
    assert not tab.is_visible("#token-row") and not tab.is_visible("#sampling")
    tab.wait_for_selector("#result .bar")
    assert tab.locator("#result .bar .name").all_inner_texts() == ["positive", "negative"]
    assert tab.locator("#result .bar .number").all_inner_texts() == ["75.0 %", "25.0 %"]
    assert not tab.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_spans_are_highlighted_by_characters(tab):
    tab.select_option("#model", "ner")
    tab.fill("#input-text", "😀세종왕이 왔다")  # an emoji is two units of JavaScript
    tab.click("#run")
    tab.wait_for_selector("#result mark")
    assert tab.inner_text("#result mark").startswith("왕")
    tab.select_option("#model", "qa")
    tab.fill("#input-question", "누구?")
    tab.fill("#input-context", "😀세종왕이 왔다")
    tab.click("#run")
    tab.wait_for_selector("#result mark")
    assert tab.inner_text("#result mark") == "왕"


def test_candidates_fill_the_gap(tab):
    tab.select_option("#model", "bert")
    tab.fill("#input-text", "오늘은 [MASK]")
    tab.click("#run")
    tab.locator("#result .example").nth(1).click()
    assert tab.input_value("#input-text") == "오늘은일"


def test_text_streams_and_vectors_are_compared(tab):
    choose(tab, "gpt")
    tab.wait_for_function("document.querySelector('.written')?.textContent === ' 하나 둘'")
    choose(tab, "sts")
    tab.wait_for_selector("#result .bar")
    assert tab.locator("#result .bar").count() == 3
    choose(tab, "late")  # sentences are not compared, and the page says what does
    tab.wait_for_selector("#result .muted")
    assert "2" in tab.inner_text("#result p:first-child")
    assert "kortf evaluate --retrieval" in tab.inner_text("#result .muted")


def test_nothing_is_parsed_as_html(tab):
    tab.select_option("#model", "nsmc")
    tab.fill("#input-text", EVIL)
    tab.keyboard.press("Control+Enter")
    tab.wait_for_selector("#error:not([hidden])")
    assert EVIL in tab.inner_text("#error") and tab.locator("img").count() == 0


def test_requests_to_copy_and_the_other_language(tab, tmp_path):
    tab.select_option("#model", "nsmc")
    tab.fill("#input-text", "그가 '좋다'고 했다")
    tab.click("summary")
    assert "v1/models/nsmc:predict" in tab.inner_text("#snippet")
    tab.locator("#tabs button").nth(1).click()
    source = tab.inner_text("#snippet")
    compile(source, "snippet", "exec")
    tab.keyboard.press("ArrowRight")
    assert tab.inner_text("#snippet").startswith("POST /v1/models/nsmc:predict")
    assert tab.evaluate("document.activeElement.getAttribute('role')") == "tab"
    tab.click("#language")
    assert tab.inner_text("#run") == "Run"
    assert pathlib.Path(page.__file__).with_name("page.html").exists()

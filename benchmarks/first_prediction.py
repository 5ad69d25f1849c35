"""Time from an installed kortf to the first prediction in a browser, in a new directory.

    python -m benchmarks.first_prediction [--size=demo] [--kortf=PATH] [--workdir=DIR]

Runs the commands of README's "Step by step" up to a fine-tuned model, starts `kortf serve`, opens
its page in Chromium and asks for one prediction. Prints the seconds of each stage, and their sum so
far. Installation is excluded. Needs `pip install playwright` and Debian's `chromium`.
"""

import argparse
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator

TEXT = "--input=data/kowiki/*.txt,data/nsmc/reviews.txt"
REVIEW = "배우들의 연기가 훌륭하고 결말도 감동적이다"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
START_SECONDS = 180


def commands(size: str) -> dict[str, list[str]]:
    """Return the arguments of each verb, in order."""
    return {
        "sample": ["--output=data"],
        "vocab": [TEXT, "--output=vocab", "--size=4000", "--lowercase"],
        "records": [TEXT, "--vocab=vocab", "--output=records", "--seq_length=128"],
        "pretrain": [
            f"--config=bert:{size}", "--records=records", "--vocab=vocab", "--workdir=bert",
        ],
        "finetune": [
            f"--config=nsmc:{size}", "--data=data/nsmc", "--init_from=bert/model",
            "--workdir=nsmc",
        ],
    }  # fmt: skip


def stages(kortf: str, size: str, directory: str) -> Iterator[tuple[str, float]]:
    """Run all stages; yield the name of each and its seconds."""
    for verb, arguments in commands(size).items():
        began = time.monotonic()
        subprocess.run([kortf, verb, *arguments], cwd=directory, check=True)
        yield verb, time.monotonic() - began
    began = time.monotonic()
    port = _free_port()
    argv = [kortf, "serve", "--model=nsmc=nsmc/model", f"--port={port}", "--grpc_port=0"]
    server = subprocess.Popen(argv, cwd=directory)
    try:
        _wait(f"http://localhost:{port}/healthz")
        yield "serve", time.monotonic() - began
        began = time.monotonic()
        answer = ask(f"http://localhost:{port}/", REVIEW)
        yield "browser", time.monotonic() - began
    finally:
        server.terminate()
        server.wait()
    print(f"{REVIEW}: {answer}", flush=True)


def ask(address: str, text: str) -> str:
    """Return the answer that the page shows for a text."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        tab = browser.new_page()
        tab.goto(address)
        tab.wait_for_selector("#model option", state="attached")
        tab.locator("#inputs textarea").first.fill(text)
        tab.click("#run")
        tab.wait_for_selector("#result > *", timeout=60_000)
        shown = " ".join(tab.inner_text("#result").split())
        browser.close()
    return shown


def _wait(address: str) -> None:
    """Wait until an address answers."""
    ending = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            if time.monotonic() > ending:
                raise
            time.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main() -> None:
    """Print a line for each stage."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--size", default="demo", help="size of the configs")
    beside = str(pathlib.Path(sys.executable).with_name("kortf"))
    parser.add_argument("--kortf", default=beside, help="the command of the installation")
    parser.add_argument("--workdir", help="a new directory; a temporary one if not given")
    arguments = parser.parse_args()
    os.environ.pop("PYTHONPATH", None)
    with tempfile.TemporaryDirectory() as made:
        directory = arguments.workdir or made
        total = 0.0
        for name, seconds in stages(os.path.abspath(arguments.kortf), arguments.size, directory):
            total += seconds
            print(f"{name:<10}{seconds:7.1f} s, {total:7.1f} s in all", flush=True)


if __name__ == "__main__":
    main()

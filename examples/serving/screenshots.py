"""Take the screenshots of `docs/images` from a running `kortf serve` and from a report.

    kortf serve --model=nsmc=runs/demo/nsmc/model --port=8501
    kortf report runs/demo/pretrain runs/demo/nsmc --output=runs/demo/report
    python examples/serving/screenshots.py --address=http://localhost:8501/ \\
        --report=runs/demo/report/index.html

Needs `pip install playwright pillow` and Debian's `chromium`. Images have 64 colors, to be small.
"""

import argparse
import pathlib
import shutil

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

# Ending of the file name to the context of the browser.
VIEWS = {
    "": {"viewport": {"width": 900, "height": 500}, "color_scheme": "light", "locale": "en-US"},
    "-dark": {"viewport": {"width": 900, "height": 500}, "color_scheme": "dark", "locale": "ko-KR"},
    "-phone": {
        "viewport": {"width": 390, "height": 640}, "color_scheme": "light", "locale": "ko-KR",
    },
}  # fmt: skip
REPORT_SIZES = {"": (1200, 1250), "-dark": (1200, 1250), "-phone": (390, 1400)}
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
COLORS = 64


def take_page(browser: Browser, address: str, output: pathlib.Path) -> None:
    """Write one image of the page of `kortf serve` for each view, with an answer on it."""
    for ending, settings in VIEWS.items():
        context = browser.new_context(**settings)
        tab = context.new_page()
        tab.goto(address)
        tab.wait_for_selector("#model option", state="attached")
        tab.locator("#examples .example").first.click()
        tab.wait_for_selector("#result > *")
        tab.wait_for_function("!document.querySelector('#run').disabled")
        save(tab.screenshot(), output / f"serve-page{ending}.png")
        context.close()


def take_report(browser: Browser, page: pathlib.Path, output: pathlib.Path) -> None:
    """Write one image of the beginning of a report for each view."""
    for ending, settings in VIEWS.items():
        width, height = REPORT_SIZES[ending]
        size = {"width": width, "height": height}
        context = browser.new_context(**settings | {"viewport": size})
        tab = context.new_page()
        tab.goto(page.resolve().as_uri())
        save(tab.screenshot(), output / f"report{ending}.png")
        context.close()


def save(png: bytes, path: pathlib.Path) -> None:
    """Write a PNG file with few colors."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(png)
    with Image.open(path) as image:
        small = image.convert("RGB").quantize(COLORS, dither=Image.Dither.NONE)
    small.save(path, optimize=True)


def main() -> None:
    """Take the screenshots that the arguments name."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--address", help="address of kortf serve")
    parser.add_argument("--report", type=pathlib.Path, help="index.html of a report")
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("docs/images"))
    arguments = parser.parse_args()
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        if arguments.address:
            take_page(browser, arguments.address, arguments.output)
        if arguments.report:
            take_report(browser, arguments.report, arguments.output)
        browser.close()


if __name__ == "__main__":
    main()

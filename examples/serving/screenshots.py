"""Take the screenshots of `docs/images` from a running `kortf serve`.

    kortf serve --model=nsmc=runs/nsmc/model,bert=runs/bert/model --port=8501
    python examples/serving/screenshots.py --address=http://localhost:8501/

Needs `pip install playwright` and Debian's `chromium`.
"""

import argparse
import pathlib
import shutil

from playwright.sync_api import sync_playwright

VIEWS = {
    "page-light": {"viewport": {"width": 900, "height": 640}, "color_scheme": "light"},
    "page-dark": {"viewport": {"width": 900, "height": 640}, "color_scheme": "dark"},
    "page-phone": {"viewport": {"width": 375, "height": 720}, "color_scheme": "light"},
}


def take(address: str, output: pathlib.Path) -> None:
    """Write one image for each view of the first model and of each further one."""
    output.mkdir(parents=True, exist_ok=True)
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        for view, settings in VIEWS.items():
            context = browser.new_context(locale="ko-KR", device_scale_factor=1.5, **settings)
            tab = context.new_page()
            tab.goto(address)
            tab.wait_for_selector("#model option", state="attached")
            for i, name in enumerate(tab.locator("#model option").all_inner_texts()):
                tab.select_option("#model", name)
                tab.locator("#examples .example").first.click()
                tab.wait_for_selector("#result > *")
                tab.wait_for_function("!document.querySelector('#run').disabled")
                ending = "" if i == 0 else f"-{name}"
                tab.screenshot(path=output / f"{view}{ending}.png", full_page=True)
            context.close()
        browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Take screenshots of the page.")
    parser.add_argument("--address", default="http://localhost:8501/")
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("docs/images"))
    arguments = parser.parse_args()
    take(arguments.address, arguments.output)

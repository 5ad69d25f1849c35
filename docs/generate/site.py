"""Pages of the site that are made from README, the changelog and the code (a hook of MkDocs)."""

import importlib
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # MkDocs loads hooks by path

from absl import flags  # noqa: E402

from kortf.cli.flags.config_files import load_config, packaged, sizes_of  # noqa: E402
from kortf.cli.main import NO_VALUE, verbs  # noqa: E402

REPOSITORY = "https://github.com/kortf/kortf/blob/main/"
# Files of the repository that are pages of the site.
PAGES = {
    "README.md": "index.md",
    "README.ko.md": "ko.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
}
# Sections of README that are tutorials; README is their one source.
TUTORIALS = {
    "tutorials/first-model.md": ("First model", "## Step by step", "## A Korean BERT on two cores"),
    "tutorials/domain.md": ("Domain adaptation", "Adapting a model to a domain", None),
}


def on_config(config):
    """Add the pages of docs/ that `nav` does not name to its how-to part, by their own titles."""
    named = set(re.findall(r"[\w/.-]+\.md", str(config["nav"])))
    (part,) = [entry["How-to"] for entry in config["nav"] if "How-to" in entry]
    part += sorted({path.name for path in (ROOT / "docs").glob("*.md")} - named)
    return config


def on_files(files, config):
    """Add the generated pages."""
    from mkdocs.structure.files import File

    for path, text in pages().items():
        files.append(File.generated(config, path, content=text))
    return files


def on_page_markdown(markdown, page, config, files):
    """Lead links that leave docs/ to the repository."""
    return re.sub(r"\]\(\.\./(?=[A-Z]|examples/)([^)]*)\)", rf"]({REPOSITORY}\1)", markdown)


def pages() -> dict[str, str]:
    """Return path and Markdown of every generated page."""
    found = {target: _moved(ROOT / source) for source, target in PAGES.items()}
    readme = found["index.md"]
    for path, (title, begin, end) in TUTORIALS.items():
        found[path] = _section(readme, title, begin, end)
    return found | {"reference/verbs.md": verbs_page(), "reference/configs.md": configs_page()}


def verbs_page() -> str:
    """Return the reference of all verbs: their help and their flags."""
    parts = ["# Verbs", "`kortf VERB --help` prints the same."]
    for verb in verbs():
        module = importlib.import_module(f"kortf.cli.{verb}")
        values = flags.FlagValues()
        module.define(values, [f"kortf {verb}"])
        parts += [f"## kortf {verb}", f"```text\n{module.__doc__.strip()}\n```", _flags(values)]
    return "\n\n".join(parts) + "\n"


def configs_page() -> str:
    """Return the reference of all packaged configs: their help and their sizes."""
    parts = [
        "# Configs",
        "`kortf configs NAME:SIZE --resolved` prints every value. `--config.KEY=VALUE` sets one.",
    ]
    kind = None
    for name, path in packaged().items():
        folder, short = name.split("/")
        if folder != kind:
            kind = folder
            parts.append(f"## kortf {kind}")
        module, _ = load_config(str(path))
        sizes = ", ".join(f"`:{size}`" for size in sizes_of(module))
        parts += [f"### {short}", f"```text\n{(module.__doc__ or '').strip()}\n```"]
        parts += [f"Sizes: {sizes}"] if sizes else []
    return "\n\n".join(parts) + "\n"


def _flags(values: flags.FlagValues) -> str:
    rows = ["| flag | default | |", "|---|---|---|"]
    for name in sorted(values):
        flag = values[name]
        if not flag.help or name != flag.name:
            continue
        needed = any(NO_VALUE in validator.message for validator in flag.validators)
        default = "required" if needed else _cell(flag.default)
        text = re.sub(r"^<[^>]*>: ", "", " ".join(flag.help.split()))
        rows.append(f"| `--{name}` | {default} | {_plain(text)} |")
    return "\n".join(rows)


def _cell(default) -> str:
    if default in (None, "", []):
        return ""
    shown = ",".join(map(str, default)) if isinstance(default, list) else str(default)
    # A default that is a path of this machine is that of the checkout.
    return f"`{shown.replace(str(ROOT) + '/', '')}`"


def _plain(text: str) -> str:
    return re.sub(r"([|<>\[\]*_])", r"\\\1", text.replace(str(ROOT) + "/", ""))


def _moved(path: pathlib.Path) -> str:
    """Return a page of the repository with links as they are from docs/."""
    text = path.read_text(encoding="utf-8")

    def moved(match: re.Match) -> str:
        name, anchor = match[1], match[2] or ""
        if name.startswith("docs/"):
            return f"]({name.removeprefix('docs/')}{anchor})"
        return f"]({PAGES[name]}{anchor})" if name in PAGES else f"]({REPOSITORY}{name}{anchor})"

    return re.sub(r"\]\((?!https?:|#)([^)#\s]+)(#[^)\s]*)?\)", moved, text)


def _section(page: str, title: str, begin: str, end: str | None) -> str:
    """Return a part of a page as a page of its own, one folder deeper."""
    text = page[page.index(begin) :]
    text = text.partition("\n")[2] if begin.startswith("#") else text
    stop = text.index(end) if end else text.index("\n## ")
    text = re.sub(r"\]\((?!https?:|#)", "](../", text[:stop])
    text = re.sub(r"\]\(#", "](../index.md#", text)
    return f"# {title}\n\n{text.strip()}\n"

"""Pages of the site that are made from README, the changelog and the code (a hook of MkDocs).

Links to other files of the repository lead to copies in the site, so the site is complete wherever
it is served from.
"""

import importlib
import os
import pathlib
import posixpath
import re
import sys
from collections.abc import Iterator

ROOT = pathlib.Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # MkDocs loads hooks by path

from absl import flags  # noqa: E402

from docs.generate import notebook  # noqa: E402
from kortf.cli.flags.config_files import load_config, packaged, sizes_of  # noqa: E402
from kortf.cli.main import NO_VALUE, verbs  # noqa: E402

# Files of the repository that are pages of the site.
PAGES = {
    "README.md": "index.md",
    "README.ko.md": "ko.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    notebook.PATH: "tutorials/notebook.md",
}
FILES = "files"  # folder of the site that takes linked files of the repository
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)(#[^)\s]*)?\)")


def on_config(config):
    """Add the pages of docs/ that `nav` does not name to its how-to part, by their own titles."""
    named = set(re.findall(r"[\w/.-]+\.md", str(config["nav"])))
    (part,) = [entry["How-to"] for entry in config["nav"] if "How-to" in entry]
    part += sorted({path.name for path in (ROOT / "docs").glob("*.md")} - named)
    return config


def on_files(files, config):
    """Add the generated pages, and the files of the repository that pages link to."""
    from mkdocs.structure.files import File

    made = pages()
    texts = [*made.values(), *(path.read_text("utf-8") for path in (ROOT / "docs").rglob("*.md"))]
    linked = sorted({name for text in texts for name in linked_files(text)})
    for path, content in made.items() | {(f"{FILES}/{n}", (ROOT / n).read_bytes()) for n in linked}:
        files.append(File.generated(config, path, content=content))
    for path, image in notebook.images().items():
        files.append(File.generated(config, path, content=image))
    return files


def on_page_markdown(markdown, page, config, files):
    """Lead links that leave docs/ to pages and copies in the site."""
    return moved_links(markdown, f"docs/{page.file.src_uri}")


def pages() -> dict[str, str]:
    """Return path and Markdown of every generated page."""
    found = {}
    for source, target in PAGES.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        text = notebook.page(text) if source == notebook.PATH else text
        found[target] = moved_links(text, source, target)
    return found | {"reference/verbs.md": verbs_page(), "reference/configs.md": configs_page()}


def moved_links(text: str, source: str, target: str | None = None) -> str:
    """Return the Markdown of a file with links as they are in the site.

    Example:
        >>> moved_links("[a](../Dockerfile)", "docs/training.md")
        '[a](files/Dockerfile)'

    Args:
        text: Markdown.
        source: Path of the file in the repository, from which its links lead.
        target: Path of its page in the site; that below docs/ if not given.
    """
    target = target or source.removeprefix("docs/")

    def moved(match: re.Match) -> str:
        name = posixpath.normpath(posixpath.join(posixpath.dirname(source), match[1]))
        if name.startswith("docs/"):
            place = name.removeprefix("docs/")
        elif name in PAGES:
            place = PAGES[name]
        elif (ROOT / name).is_file():
            place = f"{FILES}/{name}"
        else:
            return match[0]  # a page of the site already, or broken: MkDocs reports it
        return f"]({posixpath.relpath(place, posixpath.dirname(target) or '.')}{match[2] or ''})"

    return LINK.sub(moved, text)


def linked_files(text: str) -> Iterator[str]:
    """Yield the files of the repository, outside of docs/, that the links of a page name."""
    for match in LINK.finditer(text):
        name = re.sub(rf"^(\.\./)*({FILES}/)?", "", match[1])
        if name not in PAGES and (ROOT / name).is_file() and name.split("/")[0] != "docs":
            yield name


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
    return f"`{shown.replace(str(ROOT) + os.sep, '')}`"


def _plain(text: str) -> str:
    return re.sub(r"([|<>\[\]*_])", r"\\\1", text.replace(str(ROOT) + os.sep, ""))

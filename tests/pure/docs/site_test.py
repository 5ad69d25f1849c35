"""Generated pages of the documentation site: complete, and free of paths of this machine."""

import re

import pytest

from docs.generate import site
from kortf.cli.flags.config_files import packaged
from kortf.cli.main import verbs


@pytest.fixture(scope="module")
def pages():
    return site.pages()


def test_every_verb_and_config_has_a_heading(pages):
    shown = re.findall(r"^## kortf (\w+)$", pages["reference/verbs.md"], re.MULTILINE)
    assert shown == verbs()
    configs = re.findall(r"^### (\w+)$", pages["reference/configs.md"], re.MULTILINE)
    assert configs == [name.split("/")[1] for name in packaged()]


def test_flags_have_their_defaults(pages):
    page = pages["reference/verbs.md"]
    texts = dict(re.findall(r"^## kortf (\w+)\n(.*?)(?=^## |\Z)", page, re.M | re.S))
    records, vocab = texts["records"], texts["vocab"]
    assert re.search(r"^\| `--output` \| required \|", records, re.MULTILINE)
    assert re.search(r"^\| `--size` \| `\d+` \|", vocab, re.MULTILINE)


def test_no_path_of_this_machine_is_published(pages):
    assert not any(str(site.ROOT) in text for text in pages.values())


def test_links_lead_from_the_place_of_the_page(pages):
    assert "](serving.md)" in pages["index.md"] and "](docs/" not in pages["index.md"]
    assert "](files/Dockerfile)" in pages["index.md"]
    moved = site.moved_links("[a](../Dockerfile.serve) [b](../how-it-works.md)", "docs/a/b.md")
    assert moved == "[a](../Dockerfile.serve) [b](../how-it-works.md)"  # no such file
    moved = site.moved_links("[a](../../Dockerfile.serve) [b](../log.md#x)", "docs/a/b.md")
    assert moved == "[a](../files/Dockerfile.serve) [b](../log.md#x)"
    assert site.moved_links(moved, "docs/a/b.md") == moved


def test_the_site_names_no_repository(pages):
    """No address of the project is known; a guessed one would be a wrong claim."""
    assert not any("github.com/kortf" in text for text in pages.values())


def test_linked_files_are_those_of_the_repository():
    text = "[a](../Dockerfile) [b](files/SECURITY.md) [c](serving.md) [d](https://a.b/Makefile)"
    assert list(site.linked_files(text)) == ["Dockerfile"]


def test_every_page_is_in_the_navigation(pages):
    docs = site.ROOT / "docs"
    written = {str(path.relative_to(docs)) for path in docs.rglob("*.md")} | set(pages)
    nav = (site.ROOT / "mkdocs.yml").read_text(encoding="utf-8").split("\nnav:\n")[1]
    named = re.findall(r": ([\w/.-]+\.md)$", nav, re.MULTILINE)
    assert set(named) <= written and len(named) == len(set(named))
    assert {page for page in written if "/" in page or page in pages} <= set(named)
    config = site.on_config(
        {"nav": [{"Start": "index.md"}, {"How-to": [{"Cleaning": "clean.md"}]}]}
    )
    added = config["nav"][1]["How-to"][1:]
    assert {"clean.md", *added} == {path.name for path in docs.glob("*.md")}


def test_the_page_of_the_notebook_has_its_cells_and_outputs(pages):
    page = pages["tutorials/notebook.md"]
    assert "```bash\nkortf sample --output=runs/data" in page and "%%bash" not in page
    assert set(re.findall(r"!\[output\]\(([\w.-]+)\)", page)) == {
        path.split("/")[1] for path in site.notebook.images()
    }

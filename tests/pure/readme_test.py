"""README and docs: both languages agree, and what they name exists."""

import pathlib
import re

import pytest

from kortf.cli.flags.config_files import find_config, load_config
from kortf.cli.main import verbs

ROOT = pathlib.Path(__file__).parents[2]
README, KOREAN = ROOT / "README.md", ROOT / "README.ko.md"
DOCS = sorted((ROOT / "docs").rglob("*.md"))
PAGES = [README, KOREAN, ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *DOCS]
FOLDERS = "benchmarks|configs|docs|examples|kortf|requirements|tests"
# Folder of a user's own files, in examples.
OWN = "plugins/"


def blocks(path: pathlib.Path) -> list[str]:
    """Return the commands and programs of a page, without comments and blank lines."""
    found = re.findall(r"```[a-z]+\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)
    lines = [re.sub(r"(^|\s+)# .*", "", line) for block in found for line in block.split("\n")]
    return [re.sub(r"\s+", " ", line).strip() for line in lines if line.strip()]


def prose(path: pathlib.Path) -> str:
    return re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def links(path: pathlib.Path) -> list[str]:
    return re.findall(r"\]\(([^)\s]+)\)", prose(path))


def slugs(path: pathlib.Path) -> set[str]:
    """Return the anchors that GitHub makes of headings."""
    headings = re.findall(r"^#+ (.*)$", prose(path), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {heading.replace(" ", "-") for heading in plain}


def tables(path: pathlib.Path) -> list[list[str]]:
    found = re.findall(r"(?:^\|.*\n)+", prose(path), re.MULTILINE)
    return [table.splitlines() for table in found]


def code(path: pathlib.Path) -> list[str]:
    """Return the lines of fenced blocks, continued lines joined, and inline code."""
    text = path.read_text(encoding="utf-8")
    fenced = "\n".join(re.findall(r"```.*?\n(.*?)```", text, re.DOTALL)).replace("\\\n", " ")
    return [*fenced.split("\n"), *re.findall(r"`([^`\n]+)`", prose(path))]


def test_both_languages_have_the_same_commands():
    assert blocks(README) == blocks(KOREAN)


def test_both_languages_have_the_same_links():
    def to_other_pages(path):
        return sorted(link for link in links(path) if link[0] != "#" and "README" not in link)

    assert to_other_pages(README) == to_other_pages(KOREAN)
    within = [[link for link in links(path) if link[0] == "#"] for path in (README, KOREAN)]
    assert len(within[0]) == len(within[1])


def test_both_languages_have_the_same_tables():
    assert [len(table) for table in tables(README)] == [len(table) for table in tables(KOREAN)]
    for ours, theirs in zip(tables(README), tables(KOREAN), strict=True):
        for row, twin in zip(ours, theirs, strict=True):
            # Flags, names and files are equal; their order may follow the sentence.
            names = [sorted(re.findall(r"`([^`]+)`", each)) for each in (row, twin)]
            assert names[0] == names[1]


def test_both_languages_have_the_same_sections():
    levels = [re.findall(r"^(#+) ", prose(path), re.MULTILINE) for path in (README, KOREAN)]
    assert levels[0] == levels[1]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file_and_a_heading(page):
    for link in links(page):
        if link.startswith(("http://", "https://")):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{page.name}: {link}"
        if anchor:
            assert anchor in slugs(target), f"{page.name}: {link}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_of_the_repository_exists(page):
    for text in code(page):
        for path in re.findall(rf"(?<![\w./-])((?:{FOLDERS})/[\w./-]*\w)(?![\w*<{{])", text):
            if re.search(r"/[A-Z]+(\.\w+)?$", path):
                continue  # a placeholder
            known = [ROOT / path, ROOT / f"{path}.py"]
            assert any(each.exists() for each in known), f"{page.name}: {path}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_config_is_packaged_and_has_the_size(page):
    for text in code(page):
        verb = re.search(r"kortf (pretrain|finetune|clean) ", text)
        for value in re.findall(r"--config=([\w/.:,]+)", text):
            kind = verb[1] if verb else None
            if re.search(r"\b[A-Z]+\b", value) or value.startswith(OWN):
                continue  # a placeholder, or a user's own file
            _, config = load_config(find_config(value, kind))  # raises an InputError if not
            assert config is not None or ":" not in value, f"{page.name}: {value}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_verb_exists(page):
    for text in code(page):
        for verb in re.findall(r"(?:^|[|&;(`]\s*|-m )kortf ([a-z]\w*)", text):
            assert verb in verbs(), f"{page.name}: kortf {verb}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_target_of_make_exists(page):
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for text in code(page):
        for target in re.findall(r"(?:^|[|&;(]\s*)make ([a-z][\w-]*)", text):
            assert target in targets, f"{page.name}: make {target}"


def test_every_verb_is_in_the_table():
    rows = [row for table in tables(README) for row in table]
    for verb in verbs():
        assert any(row.startswith(f"| `{verb}` |") for row in rows), verb


@pytest.mark.parametrize("kind", ["pretrain", "finetune"])
def test_every_config_is_in_a_table(kind):
    named = {
        name for table in tables(README) for row in table for name in re.findall(r"`(\w+)`", row)
    }
    configs = {path.stem for path in (ROOT / "configs" / kind).glob("*.py")}
    assert configs <= named

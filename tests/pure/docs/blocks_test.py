"""Commands of README and docs: their flags and configs exist, and what no test runs says why."""

import importlib
import re

import pytest
from absl import flags

from kortf.cli.flags.config_files import resolve_argv
from kortf.cli.main import NO_VALUE, verbs
from tests.harness.document_blocks import PAGES, ROOT, Block, blocks, commands

SKETCH = re.compile(r"…|\b(REPOSITORY|BUCKET|VERSION|IMAGE)\b|=[A-Z][A-Z_]+\b")
OWN = "plugins/"  # folder of a user's own files


def parse(words: list[str]) -> None:
    """Parse a command as `kortf` does, up to its call; required flags may be missing."""
    verb, *argv = words
    argv = argv[: argv.index("--")] if "--" in argv else argv
    argv = [word for word in argv if word != "…"]
    module = importlib.import_module(f"kortf.cli.{verb}")
    values = flags.FlagValues()
    argv = [f"kortf {verb}", *resolve_argv(verb, argv)]
    module.define(values, argv)
    try:
        rest = values(argv)[1:]
    except flags.IllegalFlagValueError as error:
        if NO_VALUE not in str(error):
            raise
        rest = []
    assert not rest or getattr(module, "TAKES_NAMES", False), rest


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_flags_and_configs_of_every_command_exist(page):
    inline = re.findall(r"`(kortf [a-z]\w* [^`\n]*)`", page.read_text(encoding="utf-8"))
    named = [Block(page, 0, "bash", text, None) for text in inline]
    for block in [*blocks(page), *named]:
        for words in commands(block.text) if block.language == "bash" else ():
            if words[0] in verbs() and OWN not in " ".join(words):
                try:
                    parse(words)
                except Exception as error:
                    raise AssertionError(f"{block.name}: kortf {' '.join(words)}") from error


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_block_with_gaps_says_why_it_is_not_run(page):
    for block in blocks(page):
        if SKETCH.search(block.text):
            assert block.reason, block.name


def test_most_blocks_are_run():
    found = [block for page in PAGES for block in blocks(page)]
    assert sum(block.reason is None for block in found) >= 15
    assert all(len(block.reason or "a reason") > 5 for block in found)


def test_commands_of_a_line():
    assert list(commands("echo 'kortf a' | kortf predict --input=- > b  # kortf c")) == [
        ["predict", "--input=-"]
    ]
    assert list(commands("X=1 kortf vocab \\\n  --size=3")) == [["vocab", "--size=3"]]
    assert ROOT.joinpath("README.md") in PAGES

"""Fenced blocks of README and docs, with the reason of those that no test runs."""

import pathlib
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).parents[2]
# README.ko.md has the blocks of README.md; blocks of the log are records of what was run.
PAGES = [
    ROOT / "README.md",
    *(page for page in sorted((ROOT / "docs").glob("**/*.md")) if page.name != "log.md"),
]
FENCE = re.compile(
    r"(?:^<!-- not run: (?P<reason>[^\n]+?) -->\n)?^```(?P<language>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
RUNNABLE = ("bash", "python")


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        page: File.
        line: Line of its fence.
        language: Word behind the fence.
        text: Content.
        reason: Reason why it is not run; None for a block that is.
    """

    page: pathlib.Path
    line: int
    language: str
    text: str
    reason: str | None

    @property
    def name(self) -> str:
        """Page and line, for messages."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: pathlib.Path) -> list[Block]:
    """Return the blocks of a page that a shell or Python could run, in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(
            page, text.count("\n", 0, match.start("language")) + 1,
            match["language"], match["text"], match["reason"],
        )
        for match in FENCE.finditer(text)
        if match["language"] in RUNNABLE
    ]  # fmt: skip


def commands(text: str) -> Iterator[list[str]]:
    """Yield the arguments of every `kortf VERB …` in shell text, without redirections.

    Example:
        >>> list(commands("echo a | kortf predict --input=- > b  # c"))
        [['predict', '--input=-']]
    """
    for line in text.replace("\\\n", " ").split("\n"):
        lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
        lexer.whitespace_split = True
        words = [*lexer, ";"]
        while "kortf" in words:
            words = words[words.index("kortf") + 1 :]
            end = next(i for i, word in enumerate(words) if word[0] in "|&;<>")
            if end and re.fullmatch(r"[a-z]\w*", words[0]):
                yield words[:end]

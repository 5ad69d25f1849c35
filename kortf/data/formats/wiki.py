"""WikiExtractor's `<doc>` blocks."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from kortf.data.article import article
from kortf.data.formats.wiki_json import WikiJsonReader
from kortf.data.reader import BadRows, BlockReader, Head, Place, Reader
from kortf.errors import InputError

_TITLE = ' title="'


@dataclass(frozen=True)
class WikiReader(BlockReader):
    """Read `<doc id= url= title=>` blocks, without the title line.

    Lines are paragraphs; section headings (`생애.`) stay. Entities are resolved, and the empty
    parentheses and leading commas that cut templates leave are removed.

    Example:
        '<doc id="5" title="카터">\\n카터\\n\\n카터(, 1924년)는 &lt;39대&gt;.\\n</doc>' ->
        ["카터(1924년)는 <39대>."]
    """

    title = "<doc> blocks of WikiExtractor"
    order = 20
    wiki = True
    boundary = re.compile(rb"\n(?=<doc )")

    @classmethod
    def recognise(cls, head: Head) -> bool:
        return head.text.lstrip()[:5] == "<doc "

    @classmethod
    def create(cls, head: Head) -> Reader:
        if head.text.lstrip().startswith("{"):
            return WikiJsonReader()
        if "<doc " not in head.text:
            problem = "no <doc> block, and not JSON lines"
            cure = "extract it with WikiExtractor or name another --format"
            raise InputError(head.name, problem, cure)
        return cls()

    def parse(self, text: str, place: Place, bad_rows: BadRows) -> Iterator[list[str]]:
        # Also where the end of a block is missing.
        for part in text.replace("\n<doc ", "\n</doc><doc ").split("</doc>"):
            title = None
            # Not one pattern: where no `>` follows, it would search to the end from every `<doc`.
            start = part.find("<doc ")
            if start >= 0:
                line_end = part.find("\n", start)
                line_end = len(part) if line_end < 0 else line_end
                end = part.rfind(">", start, line_end)
                if end >= 0:
                    # The last attribute; old versions write quotes in it as they are.
                    first = part.find(_TITLE, start, end) + len(_TITLE)
                    last = part.rfind('"', start, end)
                    if len(_TITLE) <= first <= last:
                        title = html.unescape(part[first:last])
                    part = part[end + 1 :]
            yield from article(part, title)

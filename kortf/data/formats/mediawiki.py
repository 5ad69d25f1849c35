"""XML dumps of MediaWiki."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass

from kortf.data.reader import BadRows, Head, Source, StreamReader
from kortf.data.wikitext import plain_lines
from kortf.errors import InputError

_MOST_PAGE_CHARS = 1 << 26


@dataclass(frozen=True)
class MediaWikiReader(StreamReader):
    """Read the articles of a dump as plain text, without their titles.

    Redirects and pages of other namespaces (talk, user, template …) are left out and counted. A
    line is a paragraph, a list item or a section heading.

    Example:
        "<page><title>서울</title><ns>0</ns><revision><text>'''서울'''은 [[대한민국|한국]]의
        수도이다.</text></revision></page>" -> ["서울은 한국의 수도이다."]
    """

    title = "XML dump of MediaWiki"
    extensions = (".xml",)
    order = 15
    wiki = True

    @classmethod
    def recognise(cls, head: Head) -> bool:
        start = head.text.lstrip()[:4096]
        return start.startswith(("<mediawiki", "<?xml", "<page>")) and (
            "<mediawiki" in start or "<page>" in start
        )

    def documents(self, source: Source, bad_rows: BadRows) -> Iterator[list[str]]:
        with source.open() as stream:
            for page in _pages(stream, source.name):
                texts = {_name(part): part.text or "" for part in page.iter()}
                if texts.get("ns", "0").strip() != "0":
                    bad_rows.leave_out("pages of other namespaces")
                elif "redirect" in texts or _is_redirect(texts.get("text", "")):
                    bad_rows.leave_out("redirects")
                else:
                    lines = plain_lines(texts.get("text", ""))
                    if lines:
                        yield lines
                    else:
                        bad_rows.leave_out("articles without text")


def _pages(stream, name: str) -> Iterator[ElementTree.Element]:
    parser = ElementTree.XMLPullParser(events=("start", "end"))
    root = None
    try:
        while True:
            data = stream.read(1 << 16)
            if data:
                parser.feed(data)
            else:
                parser.close()
            for event, element in parser.read_events():
                if root is None:
                    root = element
                if event == "end" and _name(element) == "page":
                    yield element
                    root.clear()
            if not data:
                return
    except (ValueError, LookupError) as error:
        if isinstance(error, InputError):
            raise
        cure = "convert the dump to UTF-8"
        raise InputError(name, f"XML in an unknown encoding ({error})", cure) from error
    except ElementTree.ParseError as error:
        line, column = error.position
        place = f"{name}, line {line}, column {column + 1}"
        raise InputError(place, f"not XML ({error.msg})", "download the dump again") from error


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _is_redirect(text: str) -> bool:
    start = text.lstrip()[:20].lower()
    return start.startswith(("#redirect", "#넘겨주기"))

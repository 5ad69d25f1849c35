"""Parses a block of text into documents, one function a format.

Every parser takes the decoded text of a block and yields documents as lists of lines. Lines are
stripped of surrounding whitespace, empty ones dropped, and nothing else is changed, but for `wiki`,
whose extractor leaves marks of its own.
"""

import html
import json
import re
from collections.abc import Callable, Iterator

from kortf.errors import InputError

# Tells the place of a line of the block, "corpus.jsonl, line 7"; only asked when there is an error.
Place = Callable[[int], str]

_DOC_OPEN = re.compile(r"<doc [^\n]*>")
_DOC_TITLE = re.compile(r'title="([^"\n]*)"')
# "지미 카터(, 1924년" is what is left where a template was cut; f() in an article on C is not.
_EMPTY_LEAD = re.compile(r"\((?:\s*[,;])+\s*")
_EMPTY_PARENTHESES = re.compile(r"(?<=[가-힣\s])\(\s*\)")
_SURROGATES = re.compile("[\ud800-\udfff]")


def parse_lines(text: str, place: Place) -> Iterator[list[str]]:
    """Each line is a document.

    Example:
        >>> list(parse_lines("재밌다\\n\\n 굿 \\n", str))
        [['재밌다'], ['굿']]
    """
    for line in text.split("\n"):
        line = line.strip()
        if line:
            yield [line]


def parse_text(text: str, place: Place) -> Iterator[list[str]]:
    """Each line is a sentence; a blank line ends the document.

    Example:
        >>> list(parse_text("봄이 왔다.\\n꽃이 핀다.\\n\\n겨울이다.\\n", str))
        [['봄이 왔다.', '꽃이 핀다.'], ['겨울이다.']]
    """
    document = []
    for line in text.split("\n"):
        line = line.strip()
        if line:
            document.append(line)
        elif document:
            yield document
            document = []
    if document:
        yield document


def parse_wiki(text: str, place: Place) -> Iterator[list[str]]:
    """WikiExtractor's `<doc id= url= title=>` blocks, without the title line.

    Lines are paragraphs; section headings (`생애.`) stay. Entities are resolved, and the empty
    parentheses and leading commas that cut templates leave are removed.

    Example:
        >>> block = '<doc id="5" title="카터">\\n카터\\n\\n카터(, 1924년)는 &lt;39대&gt;.\\n</doc>'
        >>> list(parse_wiki(block, str))
        [['카터(1924년)는 <39대>.']]
    """
    for part in text.split("</doc>"):
        title = None
        opening = _DOC_OPEN.search(part)
        if opening:
            title = _DOC_TITLE.search(opening.group())
            part = part[opening.end() :]
        yield from _article(part, title and html.unescape(title.group(1)))


def parse_wiki_json(text: str, place: Place) -> Iterator[list[str]]:
    """WikiExtractor's JSON lines: `title` and `text`.

    Example:
        >>> line = '{"title": "서울", "text": "서울\\\\n\\\\n서울은 수도이다."}'
        >>> list(parse_wiki_json(line, str))
        [['서울은 수도이다.']]
    """
    for line, row in _json_rows(text, place):
        title = _field(row, "title", place, line) if "title" in row else None
        yield from _article(_field(row, "text", place, line), title)


def _article(body: str, title: str | None) -> Iterator[list[str]]:
    lines = [line.strip() for line in body.strip().split("\n")]
    if lines[0] == title:
        del lines[0]
    lines = [_tidy(line) for line in lines if line]
    if lines:
        yield lines


def _tidy(line: str) -> str:
    if "&" in line:
        line = html.unescape(line)
    if "(" in line:
        line = _EMPTY_PARENTHESES.sub("", _EMPTY_LEAD.sub("(", line))
    return line.strip()


def jsonl_parser(fields: list[str]) -> Callable[[str, Place], Iterator[list[str]]]:
    """A parser of JSON lines whose documents are the lines of these fields, one after the other.

    Example:
        >>> list(jsonl_parser(["title", "body"])('{"title": "청원", "body": "가\\\\n나"}', str))
        [['청원', '가', '나']]
    """

    def parse(text: str, place: Place) -> Iterator[list[str]]:
        for line, row in _json_rows(text, place):
            document = []
            for name in fields:
                value = _field(row, name, place, line)
                document += [part for raw in value.split("\n") if (part := raw.strip())]
            if document:
                yield document

    return parse


def tsv_parser(columns: list[int], width: int) -> Callable[[str, Place], Iterator[list[str]]]:
    """A parser of rows of `width` tab-separated fields; quotes are characters like any other.

    The header row is not in the text that the parser sees.

    Example:
        >>> list(tsv_parser([1], 3)("7\\t재밌다\\t1\\n8\\t별로\\t0\\n", str))
        [['재밌다'], ['별로']]
    """

    def parse(text: str, place: Place) -> Iterator[list[str]]:
        for number, line in enumerate(text.split("\n")):
            if not line.strip():
                continue
            fields = line.rstrip("\r").split("\t")
            if len(fields) != width:
                problem = f"{len(fields)} fields where the header has {width}"
                raise InputError(place(number), problem, "mend or remove the row")
            document = [part for c in columns if (part := fields[c].strip())]
            if document:
                yield document

    return parse


def _json_rows(text: str, place: Place) -> Iterator[tuple[int, dict]]:
    for number, line in enumerate(text.split("\n")):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            problem = f"not JSON ({getattr(error, 'msg', 'too deep')})"
            raise InputError(place(number), problem, "write one JSON object a line") from error
        if not isinstance(row, dict):
            problem = f"a JSON {type(row).__name__}, not an object"
            raise InputError(place(number), problem, "write one JSON object a line")
        yield number, row


def _field(row: dict, name: str, place: Place, line: int) -> str:
    # The place is asked for only when there is an error: it is found by counting lines.
    if name not in row:
        problem = f"no field '{name}' (it has {', '.join(row) or 'nothing'})"
        raise InputError(place(line), problem, "name it with --text_fields")
    value = row[name]
    if value is None:
        return ""
    if not isinstance(value, str):
        problem = f"field '{name}' holds a {type(value).__name__}, not text"
        raise InputError(place(line), problem, "name another with --text_fields")
    # JSON can spell half a character, which no UTF-8 text can hold.
    return _SURROGATES.sub("\ufffd", value) if not value.isascii() else value

"""One file of raw text: which format it has, and its documents."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from absl import logging

from kortf import files
from kortf.data.corpus import blocks, compression
from kortf.data.formats import formats
from kortf.errors import InputError

FORMATS = ("auto", "text", "lines", "wiki", "jsonl", "tsv")
_HEAD_BYTES = 1 << 20
_HEAD_LINES = 1000
_BOM = b"\xef\xbb\xbf"
_CONVERT = "convert the file to UTF-8 (iconv -f CP949 -t UTF-8)"


@dataclass(frozen=True)
class TextFile:
    """A file whose format is known.

    Args:
        path: the file as the user named it.
        format: `text`, `lines`, `wiki`, `wiki_json`, `jsonl` or `tsv`.
        fields: names of the fields that hold text (`jsonl`, `tsv`).
        columns: places of those fields in a row (`tsv`).
        width: number of fields in a row (`tsv`).
        source: where the unpacked text can be read, if not at `path`.
    """

    path: str
    format: str
    fields: tuple[str, ...] = ()
    columns: tuple[int, ...] = ()
    width: int = 0
    source: str | None = None

    @classmethod
    def detect(
        cls, path: str, format: str = "auto", text_fields: list[str] | None = None
    ) -> "TextFile":
        """Reads the beginning of the file at `path` and settles its format.

        Raises:
            InputError: when the file is missing, empty or not UTF-8, when `format` is unknown, and
                when the file is not of the format or lacks the text fields.
        """
        if format not in FORMATS:
            raise InputError(f"--format={format}", "unknown format", f"choose {', '.join(FORMATS)}")
        head = _head(path)
        if format == "auto":
            format = _guess(path, head, text_fields)
        if format == "wiki":
            format = _which_wiki(path, head)
        if format == "jsonl":
            return cls(path, format, fields=tuple(text_fields or ["text"]))
        if format == "tsv":
            return cls(path, format)._with_columns(head.split("\n", 1)[0], text_fields)
        return cls(path, format)

    def _with_columns(self, header: str, text_fields: list[str] | None) -> "TextFile":
        names = header.rstrip("\r").split("\t")
        for name in text_fields or [None]:
            if name not in names:
                problem = (
                    f"no column '{name}'" if name else "a table whose text columns are unknown"
                )
                cure = f"name some of {', '.join(names)} with --text_fields"
                raise InputError(f"{self.path}, line 1", problem, cure)
        columns = tuple(names.index(name) for name in text_fields)
        return replace(self, fields=tuple(text_fields), columns=columns, width=len(names))

    def read_block(self, start: int, data: bytes) -> Iterator[list[str]]:
        """Documents, as lists of lines, of the block `data` that begins at byte `start`.

        Raises:
            InputError: at what is not UTF-8, or not a row of this format, with byte or line.
        """
        skip = len(_BOM) if start == 0 and data.startswith(_BOM) else 0
        try:
            text = data[skip:].decode("utf-8")
        except UnicodeDecodeError as error:
            place = f"{self.path}, byte {start + skip + error.start}"
            raise InputError(
                place, f"not UTF-8 (0x{error.object[error.start]:02x})", _CONVERT
            ) from error
        first_line = 0
        if start == 0 and self.format == "tsv":
            text, first_line = text.partition("\n")[2], 1

        def place(line: int) -> str:
            return f"{self.path}, line {self._lines_before(start) + first_line + line + 1}"

        yield from self._parser()(text, place)

    def _parser(self) -> Callable[[str, formats.Place], Iterator[list[str]]]:
        if self.format == "jsonl":
            return formats.jsonl_parser(list(self.fields))
        if self.format == "tsv":
            return formats.tsv_parser(list(self.columns), self.width)
        return getattr(formats, f"parse_{self.format}")

    def _lines_before(self, byte: int) -> int:
        lines = 0
        with compression.open_bytes(self.source or self.path) as stream:
            while byte > 0 and (data := stream.read(min(byte, blocks.BLOCK_BYTES))):
                lines += data.count(b"\n")
                byte -= len(data)
        return lines


def _head(path: str) -> str:
    """The beginning of the unpacked text, up to a whole line where there is one."""
    if not files.exists(path):
        raise InputError(path, "no such file", "check the path")
    with compression.open_bytes(path) as stream:
        data = stream.read(_HEAD_BYTES)
    if not data.strip():
        raise InputError(path, "is empty", "leave it out or write it again")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise InputError(f"{path}, byte 0", "UTF-16, not UTF-8", "convert it (iconv -t UTF-8)")
    data = data.removeprefix(_BOM)
    if len(data) >= _HEAD_BYTES - len(_BOM) and b"\n" in data:
        data = data[: data.rindex(b"\n") + 1]
    # What is not UTF-8 is found where the block is read, with its place.
    return data.decode("utf-8", errors="replace")


def _guess(path: str, head: str, text_fields: list[str] | None) -> str:
    extension = os.path.splitext(_without_compression(path))[1].lower()
    start = head.lstrip()[:4096]
    if start.startswith("<doc "):
        return "wiki"
    row = _json_object(head.lstrip().split("\n", 1)[0])
    if row is not None:
        is_wiki = {"title", "text", "url"} <= set(row) and not text_fields
        return "wiki" if is_wiki else "jsonl"
    if extension in (".jsonl", ".ndjson") or start.startswith('{"'):
        return "jsonl"
    if extension == ".json" or start.startswith('[{"'):
        raise InputError(path, "JSON that is not one object a line", "convert it (jq -c '.[]')")
    if extension == ".csv":
        raise InputError(path, "csv is not read", "convert it to tsv or jsonl")
    lines = head.strip().split("\n")[:_HEAD_LINES]
    table = _table(lines)
    if extension == ".tsv" or (table and text_fields):
        return "tsv"
    if table:
        cure = f"give --format=tsv --text_fields={lines[0].split(chr(9))[1]}, or --format=lines"
        raise InputError(path, f"looks like a table of {table} columns", cure)
    if any(not line.strip() for line in lines):
        return "text"
    logging.info("%s: no blank line, so each line is a document (--format=lines)", path)
    return "lines"


def _without_compression(path: str) -> str:
    base, extension = os.path.splitext(path)
    return base if extension.lower() in (".gz", ".xz", ".bz2", ".zst") else path


def _table(lines: list[str]) -> int:
    """Number of tab-separated columns, if all of several lines have the same one above 1."""
    widths = {line.count("\t") + 1 for line in lines if line.strip()}
    width = widths.pop() if len(widths) == 1 else 1
    return width if width > 1 and len(lines) > 3 else 0


def _which_wiki(path: str, head: str) -> str:
    if head.lstrip().startswith("{"):
        return "wiki_json"
    if "<doc " not in head:
        problem = "no <doc> block, and not JSON lines"
        raise InputError(path, problem, "extract it with WikiExtractor or name another --format")
    return "wiki"


def _json_object(line: str) -> dict | None:
    if not line.startswith("{"):
        return None
    try:
        value = json.loads(line)
    except (json.JSONDecodeError, RecursionError):
        return None
    return value if isinstance(value, dict) else None

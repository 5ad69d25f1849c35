"""Recognise the format and the encoding of a file by its content."""

import codecs
import dataclasses
import functools
import re

from kortf import discovery
from kortf.data.corpus.encoding import not_utf8, settle_encoding
from kortf.data.corpus.sources import FileSource, MemberSource, make_head
from kortf.data.reader import BlockReader, Head, Reader
from kortf.errors import InputError

PACKAGE = "kortf.data.formats"
AUTO = "auto"
_LOOK_BYTES = 4096
# A carriage return that is no part of a line end with a line feed.
_BARE_RETURN = re.compile(r"\r(?![\r\n]|\Z)")

# Pages whose tags would be read as text.
_MARKUP = re.compile(r"<(?:!doctype\s|html\b|\?xml\b)", re.IGNORECASE)

# What is no text and no format of ours: first bytes, name, and what to do about it.
_FOREIGN = [
    (b"\xff\xfe\0\0", "UTF-32", "convert it (iconv -f UTF-32 -t UTF-8)"),
    (b"\0\0\xfe\xff", "UTF-32", "convert it (iconv -f UTF-32 -t UTF-8)"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it (7z x)"),
    (b"Rar!\x1a\x07", "a RAR archive", "unpack it (unrar x)"),
    (b"ALZ\x01", "an ALZ archive", "unpack it"),
    (b"EGGA", "an EGG archive", "unpack it"),
    (b"\x04\x22\x4d\x18", "an LZ4 file", "unpack it (lz4 -d)"),
    (b"\x1f\x9d", "a compress (.Z) file", "unpack it (uncompress)"),
    (b"\x5d\x00\x00", "an LZMA file", "convert it (xz --format=lzma -d, then xz or gzip)"),
    (b"\x1f\x8b", "compressed twice (gzip)", "unpack it once (gzip -d)"),
    (b"\xfd7zXZ\x00", "compressed twice (xz)", "unpack it once (xz -d)"),
    (b"BZh", "compressed twice (bzip2)", "unpack it once (bzip2 -d)"),
    (b"\x28\xb5\x2f\xfd", "compressed twice (Zstandard)", "unpack it once (zstd -d)"),
    (b"\xd0\xcf\x11\xe0", "an old Office or HWP document", "save it as .xlsx, .csv or .txt"),
    (b"%PDF-", "a PDF document", "extract its text (pdftotext)"),
    (b"SQLite format 3\x00", "an SQLite database", "export a table as CSV"),
    (b"\x89PNG", "a PNG image", "leave it out"),
    (b"\xff\xd8\xff", "a JPEG image", "leave it out"),
    (b"RIFF", "a RIFF sound or film", "leave it out"),
    (b"ORC", "an ORC file", "convert it to parquet"),
    (b"Obj\x01", "an Avro file", "convert it to parquet or JSON lines"),
    (b"\x89HDF", "an HDF5 file", "convert it to parquet or CSV"),
]


def format_names() -> tuple[str, ...]:
    """Return the names of all formats of the package, without importing them."""
    return discovery.names(PACKAGE, Reader)


def reader_class(name: str) -> type[Reader]:
    """Return the reader of a format.

    Args:
        name: Name of a format, or the dotted path of a module that defines a reader.

    Raises:
        InputError: There is no such format or module, or the module defines no reader.
    """
    try:
        return discovery.find(PACKAGE, name, Reader)
    except InputError as error:
        problem = f"unknown format: {error.parts[1]}"
        cure = f"choose {AUTO}, {', '.join(format_names())}, or a module on PYTHONPATH"
        raise InputError(f"--format={name}", problem, cure) from error


@functools.cache
def _all_readers() -> tuple[type[Reader], ...]:
    return tuple(sorted(map(reader_class, format_names()), key=lambda reader: reader.order))


def recognise(
    source: FileSource | MemberSource, format: str, text_fields: list[str] | None, encoding: str
) -> Reader:
    """Return the reader for a source, and settle the source's encoding.

    Args:
        source: The file.
        format: Name of its format, or `auto`.
        text_fields: Fields that hold the text, in formats that have fields.
        encoding: Encoding, or `auto`.

    Raises:
        InputError: The file is of no known format, or not of the one named.
    """
    head = make_head(source, encoding, text_fields)
    named = None if format == AUTO else reader_class(format)
    if named is None or named.binary:
        candidates = [named] if named else [reader for reader in _all_readers() if reader.binary]
        for reader in candidates:
            if reader.recognise(head):
                return reader.create(head)
        if named:
            cure = "name another --format, or leave it out"
            raise InputError(source.name, f"not {named.title}", cure)
        refuse_foreign(head)
    source.encoding = settle_encoding(head.data, encoding, source.name)
    head = dataclasses.replace(head, text=text_of(head, source.encoding))
    candidates = [named] if named else [reader for reader in _all_readers() if not reader.binary]
    for reader in candidates:
        if named or reader.recognise(head):
            if issubclass(reader, BlockReader):
                refuse_bare_returns(head)
                if named is None:
                    refuse_markup(head)
            return reader.create(head)
    raise InputError(source.name, "of no known format", "name its --format")


def text_of(head: Head, encoding: str) -> str:
    """Return the decoded head, up to the end of a line unless it is the whole file."""
    data = head.data
    if encoding == "cesu-8":
        encoding = "utf-8"
    # What cannot be decoded is found where the block is read, with its place.
    text = data.decode(encoding, errors="replace").removeprefix("\ufeff")
    if head.whole:
        return text
    return text[: text.rindex("\n") + 1] if "\n" in text else text


def refuse_foreign(head: Head) -> None:
    """Refuse a file that is neither text nor of a format of ours.

    Raises:
        InputError: The file is of a known other kind, or holds binary data.
    """
    for signature, what, cure in _FOREIGN:
        if head.data.startswith(signature) and not _is_text(head.data[:_LOOK_BYTES]):
            raise InputError(head.name, f"{what}, not text", cure)
    start = head.data[:_LOOK_BYTES]
    if b"\0" in start and not _could_be_utf16(head):
        if not _is_utf8(start) or start.count(0) * 8 > len(start):
            cure = "leave it out, or convert it to text"
            raise InputError(head.name, "binary data, not text", cure)


def refuse_bare_returns(head: Head) -> None:
    """Refuse text whose lines end in carriage returns alone, which would be one long line.

    Raises:
        InputError: More lines end in a carriage return than in a line feed.
    """
    if "\r" in head.text and len(_BARE_RETURN.findall(head.text)) > head.text.count("\n"):
        cure = "convert them: tr '\\r' '\\n'"
        raise InputError(head.name, "line ends are carriage returns without line feeds", cure)


def refuse_markup(head: Head) -> None:
    """Refuse a web page or another XML document: its tags would be read as text.

    Raises:
        InputError: The file begins as such a document does.
    """
    if _MARKUP.match(head.text.lstrip()):
        cure = "extract its text, or name --format=text to read the tags as well"
        raise InputError(head.name, "an HTML or XML document, not text", cure)


def _is_text(data: bytes) -> bool:
    return b"\0" not in data and _is_utf8(data)


def _is_utf8(data: bytes) -> bool:
    """Return whether bytes are UTF-8 up to a character that is cut at their end."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return True


def _could_be_utf16(head: Head) -> bool:
    if head.encoding.startswith("utf-16"):
        return True
    try:
        return settle_encoding(head.data, "auto", head.name).startswith("utf-16")
    except InputError:
        return False


def decode_block(data: bytes, start: int, name: str) -> str:
    """Decode a block of UTF-8.

    Args:
        data: The block.
        start: Its first byte in the file.
        name: Name of the file.

    Raises:
        InputError: The block is not UTF-8, with the byte and the likely reason.
    """
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise not_utf8(data, error.start, f"{name}, byte {start + error.start}") from error

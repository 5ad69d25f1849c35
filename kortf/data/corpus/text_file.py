"""A file of raw text: its format, and its documents."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from kortf import files
from kortf.data.corpus import blocks, compression
from kortf.data.corpus.recognition import AUTO, decode_block, recognise
from kortf.data.corpus.sources import FileSource
from kortf.data.formats.text import TextReader
from kortf.data.reader import BadRows, BlockReader, Reader, Source, StreamReader
from kortf.errors import InputError
from kortf.lines import BOM


@dataclass(frozen=True)
class TextFile:
    """A file whose format is known.

    Args:
        path: The file as the user named it.
        reader: Reader of its format.
        encoding: Encoding of its text.
        skip_bad_rows: Whether rows that cannot be read are skipped and counted.
        source: Path of the unpacked, transcoded or converted text, if it is not at `path`.
    """

    path: str
    reader: Reader
    encoding: str = "utf-8"
    skip_bad_rows: bool = False
    source: str | None = None

    @classmethod
    def detect(
        cls,
        path: str,
        format: str = AUTO,
        text_fields: list[str] | None = None,
        encoding: str = "utf-8",
        skip_bad_rows: bool = False,
    ) -> "TextFile":
        """Read the beginning of the file at `path` and settle its format and encoding.

        Raises:
            InputError: The file is missing, empty or not text; `format` or `encoding` is unknown;
                the file is not of the format or lacks the text fields.
        """
        source = FileSource(path)
        reader = recognise(source, format, text_fields, encoding)
        return cls(path, reader, source.encoding, skip_bad_rows)

    @property
    def format(self) -> str:
        """Name of the format."""
        return self.reader.format

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the fields that hold text."""
        return self.reader.fields

    @property
    def columns(self) -> tuple[int, ...]:
        """Places of those fields in a row, in `tsv`."""
        return getattr(self.reader, "columns", ())

    @property
    def plain_path(self) -> str:
        """Path of the text that can be read from anywhere."""
        return self.source or self.path

    def needs_unpacking(self) -> bool:
        """Return whether the file has to be read from its beginning."""
        if self.source is not None:
            return False
        if isinstance(self.reader, StreamReader) or self.encoding != "utf-8":
            return True
        return compression.is_compressed(self.path)

    def unpack_to(self, path: str, advance: Callable[[int], None]) -> BadRows:
        """Write the text in a form that can be read from anywhere, atomically.

        A compressed file is unpacked, another encoding is converted to UTF-8, and the documents of
        a `StreamReader` are written as `text`.

        Args:
            path: The file to write.
            advance: Told the number of bytes written.

        Returns:
            The rows that were skipped.
        """
        bad_rows = BadRows(self.skip_bad_rows)
        with files.write_beside(path, "wb") as out:
            for data in self._plain_chunks(bad_rows):
                out.write(data)
                advance(len(data))
        return bad_rows

    def unpacked(self, path: str) -> "TextFile":
        """Return the same file as it is read after `unpack_to(path)`."""
        reader = self.reader if isinstance(self.reader, BlockReader) else Converted(self.reader)
        return replace(self, reader=reader, encoding="utf-8", source=path)

    def find_blocks(self, target: int | None = None) -> list[blocks.Block]:
        """Return the blocks of a file that need not be unpacked (any more)."""
        return blocks.find_blocks(self.plain_path, self.reader.boundary, target, self.path)

    def _plain_chunks(self, bad_rows: BadRows) -> Iterator[bytes]:
        source = FileSource(self.path, self.encoding)
        if isinstance(self.reader, BlockReader):
            with source.open() as stream:
                yield from iter(lambda: stream.read(blocks.BLOCK_BYTES), b"")
            return
        for document in self.reader.documents(source, bad_rows):
            yield ("\n".join(document) + "\n\n").encode("utf-8")

    def read_block(
        self, start: int, data: bytes, bad_rows: BadRows | None = None
    ) -> Iterator[list[str]]:
        """Yield the documents, as lists of lines, of the block `data` that begins at byte `start`.

        Args:
            start: First byte of the block in the unpacked text.
            data: The block.
            bad_rows: Counts the rows that are skipped; by default they are refused.

        Raises:
            InputError: Text that is not UTF-8, or a row not of this format, with byte or line.
        """

        def lines_before() -> int:
            with compression.open_bytes(self.plain_path) as stream:
                return _count_lines(stream, start)

        bad_rows = bad_rows or BadRows()
        yield from parse_block(self.reader, self.path, start, data, lines_before, bad_rows)

    def documents(self, bad_rows: BadRows | None = None) -> Iterator[list[str]]:
        """Yield all documents, from the beginning of the file to its end."""
        source = FileSource(self.path, self.encoding)
        yield from read_source(self.reader, source, bad_rows or BadRows(self.skip_bad_rows))


@dataclass(frozen=True)
class Converted(TextReader):
    """Read a file whose documents `TextFile.unpack_to` has written as text.

    Args:
        original: Reader of the file before.
    """

    original: Reader | None = None

    def __init__(self, original: Reader):
        object.__setattr__(self, "original", original)
        object.__setattr__(self, "fields", original.fields)

    @property
    def format(self) -> str:
        return self.original.format

    @property
    def wiki(self) -> bool:
        return self.original.wiki


def read_source(reader: Reader, source: Source, bad_rows: BadRows) -> Iterator[list[str]]:
    """Yield the documents of a source from its beginning to its end.

    Args:
        reader: Reader of its format.
        source: A file, or a member of an archive.
        bad_rows: Told of rows that cannot be read.
    """
    if isinstance(reader, StreamReader):
        yield from reader.documents(source, bad_rows)
        return
    lines = 0
    with source.open() as stream:
        for start, data in blocks.iter_blocks(stream, reader.boundary, source.name):
            done = lines
            yield from parse_block(reader, source.name, start, data, lambda: done, bad_rows)  # noqa: B023
            lines += data.count(b"\n")


def parse_block(
    reader: BlockReader,
    name: str,
    start: int,
    data: bytes,
    lines_before: Callable[[], int],
    bad_rows: BadRows,
) -> Iterator[list[str]]:
    """Yield the documents of a block.

    Args:
        reader: Reader of the format.
        name: Name of the file, for errors.
        start: First byte of the block in the file.
        data: The block.
        lines_before: Returns the number of lines before the block; only called for an error.
        bad_rows: Told of rows that cannot be read.
    """
    skip = len(BOM) if start == 0 and data.startswith(BOM) else 0
    try:
        text = decode_block(data[skip:], start + skip, name)
    except InputError:
        if not bad_rows.skip:
            raise
        text = _readable_lines(data[skip:], start + skip, name, bad_rows)
    first_line = 0
    if start == 0 and reader.header_lines:
        body = text.lstrip("\r\n")
        first_line = text.count("\n", 0, len(text) - len(body)) + 1
        text = body.partition("\n")[2]

    def place(line: int) -> str:
        return f"{name}, line {lines_before() + first_line + line + 1}"

    yield from reader.parse(text, place, bad_rows)


def _readable_lines(data: bytes, start: int, name: str, bad_rows: BadRows) -> str:
    """Decode a block line by line; a line that is not UTF-8 becomes empty and is counted."""
    lines = []
    for line in data.split(b"\n"):
        try:
            lines.append(decode_block(line, start, name))
        except InputError as error:
            bad_rows.report(error)
            lines.append("")
        start += len(line) + 1
    return "\n".join(lines)


def _count_lines(stream, end: int) -> int:
    lines = 0
    while end > 0 and (data := stream.read(min(end, blocks.BLOCK_BYTES))):
        lines += data.count(b"\n")
        end -= len(data)
    return lines

"""Base classes of corpus readers: one reader a file in `kortf/data/formats/`.

A reader declares how its files are recognised and turns them into documents, which are lists of
lines. Lines are stripped of surrounding whitespace and never empty. A `BlockReader` parses blocks
of text that workers read from anywhere in the file; a `StreamReader` reads a file from its
beginning, and `kortf records` and `kortf clean` convert it to text first.
"""

import abc
import contextlib
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, ClassVar

from kortf.errors import InputError

COMPRESSIONS = (".gz", ".xz", ".bz2", ".zst")
# Name of a place in a block, "corpus.jsonl, line 7", from the line in the block. It is asked for
# only when there is an error, because lines are counted for it.
Place = Callable[[int], str]
_SAMPLES = 5
_SURROGATES = re.compile("[\ud800-\udfff]")
HALF_PAIRS = "halves of surrogate pairs, which became U+FFFD, in a field"


@dataclass(frozen=True)
class Head:
    """The beginning of a file, from which its format is recognised.

    Args:
        name: Path of the file, or its name in an archive.
        data: First bytes after decompression, about a megabyte.
        text: The same decoded; empty while binary formats are recognised.
        whole: Whether the file ends here.
        text_fields: Fields that the user names, or None.
        encoding: Encoding that the user names.
    """

    name: str
    data: bytes
    text: str = ""
    whole: bool = True
    text_fields: tuple[str, ...] | None = None
    encoding: str = "utf-8"

    @property
    def extension(self) -> str:
        """Extension without that of a compression, in lower case: `.txt` of `a.TXT.gz`."""
        base, extension = os.path.splitext(self.name)
        if extension.lower() in COMPRESSIONS:
            extension = os.path.splitext(base)[1]
        return extension.lower()


class BadRows:
    """Rows that cannot be read: refused, or skipped and counted.

    Args:
        skip: Whether to skip them.

    Attributes:
        count: Number of rows skipped.
        samples: The first few errors.
        left_out: `{reason: number}` of what a reader leaves out by its own rules.
    """

    def __init__(self, skip: bool = False):
        self.skip = skip
        self.count = 0
        self.samples: list[str] = []
        self.left_out: dict[str, int] = {}

    def report(self, error: InputError) -> None:
        """Raise the error, or count it where bad rows are skipped."""
        if not self.skip:
            raise error
        self.count += 1
        if len(self.samples) < _SAMPLES:
            self.samples.append(str(error))

    def leave_out(self, reason: str) -> None:
        """Count a document, or part of one, that the reader leaves out."""
        self.left_out[reason] = self.left_out.get(reason, 0) + 1

    def to_json(self) -> dict:
        """Return the counts, as `merge` takes them by keyword."""
        return {"count": self.count, "samples": self.samples, "left_out": self.left_out}

    def merge(self, count: int, samples: list[str], left_out: dict[str, int]) -> None:
        """Add the counts of another process."""
        self.count += count
        self.samples = [*self.samples, *samples][:_SAMPLES]
        for reason, number in left_out.items():
            self.left_out[reason] = self.left_out.get(reason, 0) + number


@dataclass(frozen=True)
class Reader(abc.ABC):
    """One format of corpus files.

    Args:
        fields: Names of the fields that hold text, in formats that have fields.

    Attributes:
        title: Description for `--help` and summaries.
        extensions: Usual extensions, for the documentation.
        binary: Whether the format is recognised by bytes, before the text is decoded.
        order: Readers are asked in this order; the first that recognises a file reads it.
        wiki: Whether the documents are encyclopaedia articles, for the rules of `kortf clean`.
    """

    fields: tuple[str, ...] = ()

    title: ClassVar[str]
    extensions: ClassVar[tuple[str, ...]] = ()
    binary: ClassVar[bool] = False
    order: ClassVar[int] = 50
    wiki: ClassVar[bool] = False

    @property
    def format(self) -> str:
        """Name of the format: that of the module, or its dotted path outside of kortf."""
        module = type(self).__module__
        return module.removeprefix("kortf.data.formats.")

    @classmethod
    @abc.abstractmethod
    def recognise(cls, head: Head) -> bool:
        """Return whether a file that begins like this has the format."""

    @classmethod
    def create(cls, head: Head) -> "Reader":
        """Return a reader for the file.

        Raises:
            InputError: The file is not of the format, or lacks a text field.
        """
        return cls()


@dataclass(frozen=True)
class BlockReader(Reader):
    """A format that is parsed in blocks, which workers read from anywhere in the file.

    Attributes:
        boundary: Pattern of bytes at whose end a document may begin.
        header_lines: Lines at the beginning of the file that are no text.
    """

    boundary: ClassVar[re.Pattern] = re.compile(rb"\n")
    header_lines: ClassVar[int] = 0

    @abc.abstractmethod
    def parse(self, text: str, place: Place, bad_rows: BadRows) -> Iterator[list[str]]:
        """Yield the documents of a block.

        Args:
            text: The decoded block.
            place: Names the place of a line of the block.
            bad_rows: Told of rows that cannot be read.
        """


@dataclass(frozen=True)
class StreamReader(Reader):
    """A format that is read from the beginning of the file to its end."""

    @abc.abstractmethod
    def documents(self, source: "Source", bad_rows: BadRows) -> Iterator[list[str]]:
        """Yield the documents of a file in bounded memory.

        Args:
            source: The file.
            bad_rows: Told of rows that cannot be read.
        """


# Place of a row, and its cells by column or the error of an unreadable row.
Row = tuple[str, dict | InputError]


class TableReader(Reader):
    """A format whose files hold rows with named cells, for labelled data as well as for corpora."""

    @classmethod
    @abc.abstractmethod
    def rows(cls, source: "Source") -> Iterator[Row]:
        """Yield the place of each row, and its cells by column.

        Args:
            source: The file.

        Yields:
            `(place, cells)`, or an InputError in place of the cells of an unreadable row.

        Raises:
            InputError: The file as a whole cannot be read.
        """


def cells_by_column(names: Sequence[str], place: str) -> Callable[[Sequence], dict]:
    """Return the function that turns the cells of a row into a dict.

    Args:
        names: Header of the table; cells under an empty name are left out.
        place: Place of the header.

    Raises:
        InputError: Two columns have one name.
    """
    kept = [(name, i) for i, name in enumerate(names) if name]
    for name, _ in kept:
        if list(names).count(name) > 1:
            problem = f"{list(names).count(name)} columns named '{name}'"
            raise InputError(place, problem, "rename all but one of them")
    return lambda cells: {name: cells[i] for name, i in kept}


class Source(abc.ABC):
    """Bytes of a file, or of a member of an archive.

    Attributes:
        name: Name for messages.
    """

    name: str

    @abc.abstractmethod
    def open(self) -> contextlib.AbstractContextManager[IO]:
        """Open the decompressed text as UTF-8."""

    @abc.abstractmethod
    def open_seekable(self) -> contextlib.AbstractContextManager[IO]:
        """Open the decompressed bytes as a stream with random access."""


def text_lines(value: str, bad_rows: BadRows | None = None) -> list[str]:
    """Return the lines of a field, stripped, without empty ones.

    JSON can spell half a surrogate pair: it becomes U+FFFD.

    Args:
        value: The field.
        bad_rows: Counts the fields with such halves.

    Example:
        >>> text_lines(" 가\\n\\n나 ")
        ['가', '나']
    """
    return [line for part in whole_text(value, bad_rows).split("\n") if (line := part.strip())]


def whole_text(value: str, bad_rows: BadRows | None = None) -> str:
    """Return a text in which half a surrogate pair is U+FFFD: UTF-8 cannot hold it.

    Args:
        value: The text.
        bad_rows: Counts the texts with such halves.
    """
    text = value if value.isascii() else _SURROGATES.sub("\ufffd", value)
    if bad_rows is not None and text != value:
        bad_rows.leave_out(HALF_PAIRS)
    return text

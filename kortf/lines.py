"""Read lines of UTF-8 text, from a file or from a stream of chunks."""

from collections.abc import Iterable, Iterator
from typing import IO

from kortf import files
from kortf.errors import InputError

BOM = b"\xef\xbb\xbf"
TO_UTF8 = "convert the file to UTF-8 (iconv -f CP949 -t UTF-8, if it is CP949)"


def split(chunks: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Return the lines that each chunk completes, without their line ends and a byte order mark.

    Only a line feed ends a line; one carriage return before it belongs to the line end.

    Example:
        >>> list(split([b"a\\nb", b"c\\r\\n\\nd"]))
        [[b'a'], [b'bc', b''], [b'd']]
    """
    first, rest = True, []
    for chunk in chunks:
        head, *lines = chunk.split(b"\n")
        rest.append(head)
        if lines:
            lines = [b"".join(rest), *lines]
            rest = [lines.pop()]
            if first:
                lines[0], first = lines[0].removeprefix(BOM), False
            yield [line.removesuffix(b"\r") for line in lines]
    last = b"".join(rest)
    last = last.removeprefix(BOM) if first else last
    if last:
        yield [last.removesuffix(b"\r")]


def decode(line: bytes, place: str) -> str:
    """Decode a line.

    Raises:
        InputError: The line is not UTF-8, with the byte.
    """
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        problem = f"not UTF-8 (0x{line[error.start]:02x})"
        raise InputError(f"{place}, byte {error.start}", problem, TO_UTF8) from error


def windows(chunks: Iterable[bytes], place: str) -> Iterator[list[str]]:
    """Return the decoded lines that each chunk completes.

    Example:
        >>> list(windows([b"a\\nb", b"c\\r\\n\\nd"], "file"))
        [['a'], ['bc', ''], ['d']]

    Args:
        chunks: Bytes of a file, in order.
        place: Name of the file, for messages.

    Raises:
        InputError: A line is not UTF-8, or there is none.
    """
    number = 0
    for lines in split(chunks):
        yield [decode(line, f"{place}, line {number + i}") for i, line in enumerate(lines, 1)]
        number += len(lines)
    if not number:
        raise InputError(place, "is empty", "write one text a line")


def read_lines(path: str) -> Iterator[tuple[str, str | InputError]]:
    """Read the lines of an uncompressed file.

    Yields:
        `(place, line)`, or an InputError instead of a line that is not UTF-8.

    Raises:
        InputError: The file is missing or empty.
    """
    with files.open_file(path) as file:
        yield from lines_of(file, path)


def lines_of(file: IO, name: str) -> Iterator[tuple[str, str | InputError]]:
    """Read the lines of an open file.

    Args:
        file: Bytes of the file.
        name: Name of the file, for places.

    Yields:
        `(place, line)`, or an InputError instead of a line that is not UTF-8.

    Raises:
        InputError: The file is empty.
    """
    number = 0
    for lines in split(iter(lambda: file.read(1 << 20), b"")):
        for line in lines:
            number += 1
            place = f"{name}, line {number}"
            try:
                yield place, decode(line, place)
            except InputError as error:
                yield place, error
    if not number:
        raise InputError(name, "the file is empty", "fetch it again")

"""Lines of text, as they come in."""

from collections.abc import Iterable, Iterator

from kortf.errors import InputError

_BOM = b"\xef\xbb\xbf"


def windows(chunks: Iterable[bytes], place: str) -> Iterator[list[str]]:
    """The lines that each chunk completes.

    Example:
        >>> list(windows([b"a\\nb", b"c\\r\\n\\nd"], "file"))
        [['a'], ['bc', ''], ['d']]

    Args:
        chunks: of a file, in order.
        place: the file's name, for messages.

    Raises:
        InputError: a line is not UTF-8, or there is none.
    """
    number, rest = 0, b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        if lines:
            yield [_decode(line, place, number + i) for i, line in enumerate(lines, 1)]
            number += len(lines)
    if rest:
        yield [_decode(rest, place, number + 1)]
    elif not number:
        raise InputError(place, "empty", "write one text a line")


def _decode(line: bytes, place: str, number: int) -> str:
    if number == 1:
        line = line.removeprefix(_BOM)
    try:
        return line.removesuffix(b"\r").decode("utf-8")
    except UnicodeDecodeError as error:
        where = f"{place}, line {number}, byte {error.start}"
        raise InputError(where, "not UTF-8", "convert it (iconv -f CP949 -t UTF-8)") from error

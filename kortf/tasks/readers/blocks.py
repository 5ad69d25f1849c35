"""Files whose examples are separated by empty lines."""

from collections.abc import Iterable, Iterator

from kortf.errors import InputError
from kortf.lines import read_lines

# Place of a block, and its lines with their places or the error of an unreadable line.
Block = tuple[str, list[tuple[str, str]] | InputError]


def read_blocks(path: str, lines: Iterable[tuple] | None = None) -> Iterator[Block]:
    """Yield blocks of lines, without the empty lines between them.

    Example: of a file `a.txt` with the lines `서`, `울`, an empty one and `왕`
        >>> list(read_blocks("a.txt"))
        [('a.txt, line 1', [('a.txt, line 1', '서'), ('a.txt, line 2', '울')]),
         ('a.txt, line 4', [('a.txt, line 4', '왕')])]

    Args:
        path: File in UTF-8.
        lines: Place and text of its lines, if it has been opened already.

    Raises:
        InputError: If the file is missing or empty.
    """
    block: list[tuple[str, str]] = []
    error = None
    for place, line in read_lines(path) if lines is None else lines:
        if isinstance(line, InputError):
            error = error or line
        elif line:
            block.append((place, line))
        if line == "" and (block or error):
            yield _finished(block, error)
            block, error = [], None
    if block or error:
        yield _finished(block, error)


def _finished(block: list[tuple[str, str]], error: InputError | None) -> Block:
    place = block[0][0] if block else str(error).partition(": ")[0]
    return place, error or block

"""Split a stream of texts into windows of bounded size."""

from collections.abc import Iterable, Iterator, Sequence

ROWS, CHARACTERS = 512, 4_000_000


def windows(rows: Iterable[Sequence[str]], most: int = ROWS) -> Iterator[list[Sequence[str]]]:
    """Group rows in order, so that a window has few texts and few characters.

    A window depends on the rows alone, and not on how they arrive. A model sorts the texts of one
    window by length, so the window decides which texts are computed together.

    Example:
        >>> list(windows([("a",), ("b",), ("c",)], 2))
        [[('a',), ('b',)], [('c',)]]

    Args:
        rows: Texts of each row.
        most: Maximum number of rows of a window.
    """
    window, characters = [], 0
    for row in rows:
        size = sum(map(len, row))
        if window and (len(window) == most or characters + size > CHARACTERS):
            yield window
            window, characters = [], 0
        window.append(row)
        characters += size
    if window:
        yield window

"""Sizes of truncated vectors, for Matryoshka embeddings."""

from collections.abc import Sequence


def sizes(dimensions: str | int | Sequence[int]) -> tuple[int, ...]:
    """Return sizes, the largest first."""
    if isinstance(dimensions, int):
        dimensions = (dimensions,)
    if isinstance(dimensions, str):
        dimensions = [size.strip() for size in dimensions.split(",") if size.strip()]
    if any(isinstance(size, bool) or not str(size).isdecimal() for size in dimensions):
        raise ValueError(f"dimensions={dimensions!r}: write whole numbers, such as 256,128,64")
    found = sorted({int(size) for size in dimensions}, reverse=True)
    if found and found[-1] < 1:
        raise ValueError(f"dimensions={dimensions!r}: each must be at least 1")
    return tuple(found)

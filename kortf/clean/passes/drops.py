"""Results of the second pass: the documents and lines to drop."""

import os

import numpy as np

from kortf import files


class Drops:
    """Sorted places of dropped documents or lines, in one file a share.

    Args:
        directory: Directory of intermediate files.
        kind: `documents`, `near`, `pages` or `lines`.
        shares: Number of files.
    """

    def __init__(self, directory: str, kind: str, shares: int):
        self._directory = directory
        self._kind = kind
        self.shares = shares

    def _path(self, share: int, what: str) -> str:
        name = f"same-{self._kind}-{share:05d}-of-{self.shares:05d}.{what}"
        return os.path.join(self._directory, name)

    def write(self, share: int, places: np.ndarray, twins: np.ndarray | None = None) -> None:
        """Write a share.

        Args:
            share: Number of the share.
            places: Numbers of documents or lines in the corpus, ascending, int64 `[dropped]`.
            twins: For near duplicates, the document that each resembles, int64 `[dropped]`.
        """
        for what, array in (("twins", twins), ("places", places)):  # the one that counts is last
            if array is not None:
                with files.write_beside(self._path(share, what), "wb") as file:
                    file.write(array.astype("<i8").tobytes())

    def is_done(self, share: int) -> bool:
        """Return whether the share is written."""
        return os.path.exists(self._path(share, "places"))

    def within(self, start: int, end: int) -> np.ndarray:
        """Return the distinct places in `[start, end)`, counted from `start`, ascending."""
        found = [self._cut(share, start, end, "places") for share in range(self.shares)]
        return np.unique(np.concatenate([np.zeros(0, np.int64), *found])) - start

    def twins(self, start: int, end: int) -> dict[int, int]:
        """Return for each place in `[start, end)`, counted from `start`, its earliest twin."""
        twins: dict[int, int] = {}
        for share in range(self.shares):
            places, others = (self._cut(share, start, end, w) for w in ("places", "twins"))
            for place, other in zip(places.tolist(), others.tolist(), strict=True):
                twins[place - start] = min(other, twins.get(place - start, other))
        return twins

    def _cut(self, share: int, start: int, end: int, what: str) -> np.ndarray:
        path = self._path(share, "places")
        if os.path.getsize(path) == 0:
            return np.zeros(0, np.int64)
        first, last = np.searchsorted(np.memmap(path, "<i8", "r"), (start, end))
        return np.array(np.memmap(self._path(share, what), "<i8", "r")[first:last])

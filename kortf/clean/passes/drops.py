"""Results of the second pass: the documents and lines to drop."""

import os

import numpy as np

from kortf import files
from kortf.clean.passes.arrays import read_array


class Drops:
    """Sorted places of dropped documents or lines, in one file a share.

    Args:
        directory: Directory of intermediate files.
        kind: `documents`, `near`, `pages` or `lines`.
        bounds: Number of the first document or line of each part, and the total at the end.
        shares: Number of files, each with places in any part; 0 is one a part, with its places.
    """

    def __init__(self, directory: str, kind: str, bounds: list[int], shares: int = 0):
        self._directory = directory
        self._kind = kind
        self._bounds = bounds
        self._by_part = not shares
        self.shares = shares or len(bounds) - 1

    def _path(self, share: int, what: str) -> str:
        of = "of-parts" if self._by_part else f"of-{self.shares:05d}"
        return os.path.join(self._directory, f"same-{self._kind}-{share:05d}-{of}.{what}")

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
        return files.exists(self._path(share, "places"))

    def within(self, part: int) -> np.ndarray:
        """Return the distinct places in a part, counted from its start, ascending."""
        found = [self._cut(share, part, "places") for share in self._shares_with(part)]
        return np.unique(np.concatenate([np.zeros(0, np.int64), *found])) - self._bounds[part]

    def twins(self, part: int) -> dict[int, int]:
        """Return for each place in a part, counted from its start, its earliest twin."""
        twins: dict[int, int] = {}
        for share in self._shares_with(part):
            places, others = (self._cut(share, part, w) for w in ("places", "twins"))
            places -= self._bounds[part]
            for place, other in zip(places.tolist(), others.tolist(), strict=True):
                twins[place] = min(other, twins.get(place, other))
        return twins

    def _shares_with(self, part: int) -> range:
        return range(part, part + 1) if self._by_part else range(self.shares)

    def _cut(self, share: int, part: int, what: str) -> np.ndarray:
        places = read_array(self._path(share, "places"), "<i8")
        first, last = np.searchsorted(places, self._bounds[part : part + 2])
        return np.array(read_array(self._path(share, what), "<i8")[first:last])

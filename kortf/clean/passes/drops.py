"""Which documents and lines go because others say the same: the outcome of the second pass."""

import os

import numpy as np

from kortf import files


class Drops:
    """Places of what goes, sorted, in a file for each share of the work.

    Args:
        directory: of the work between the passes.
        kind: `documents`, `near` or `lines`.
        shares: number of files.
    """

    def __init__(self, directory: str, kind: str, shares: int):
        self._directory = directory
        self._kind = kind
        self.shares = shares

    def _path(self, share: int, what: str) -> str:
        name = f"same-{self._kind}-{share:05d}-of-{self.shares:05d}.{what}"
        return os.path.join(self._directory, name)

    def write(self, share: int, places: np.ndarray, twins: np.ndarray | None = None) -> None:
        """Writes a share.

        Args:
            share: its number.
            places: numbers of documents or lines in the corpus, ascending, int64 `[dropped]`.
            twins: of near duplicates, what each is a duplicate of, int64 `[dropped]`.
        """
        for what, array in (("twins", twins), ("places", places)):  # the one that counts is last
            if array is not None:
                with files.write_beside(self._path(share, what), "wb") as file:
                    file.write(array.astype("<i8").tobytes())

    def is_done(self, share: int) -> bool:
        """Whether the share is written."""
        return os.path.exists(self._path(share, "places"))

    def within(self, start: int, end: int) -> np.ndarray:
        """Places from `start` to before `end`, less `start`, ascending and each once."""
        found = [self._cut(share, start, end, "places") for share in range(self.shares)]
        return np.unique(np.concatenate([np.zeros(0, np.int64), *found])) - start

    def twins(self, start: int, end: int) -> dict[int, int]:
        """Of each place from `start` to before `end`, less `start`, the first that it is like."""
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

"""Find duplicate documents and lines of a corpus by their fingerprints."""

from typing import NamedTuple

import numpy as np

from kortf.clean.near_duplicates.near import candidates, similar
from kortf.clean.near_duplicates.signature import best_bands
from kortf.clean.passes.drops import Drops
from kortf.clean.passes.fingerprint import NONE
from kortf.clean.passes.parts import Part
from kortf.clean.settings import CleanSettings

# Memory of one fingerprint: the value, its place and the arrays for sorting; for near duplicates
# also the pairs, where all have the same key.
BYTES_PER_FINGERPRINT = {"documents": 72, "near": 640, "lines": 72, "pages": 120}
# Kinds that compare lines, and kinds whose dropped documents a kind does not compare.
OF_LINES = ("pages", "lines")
_AFTER = {
    "documents": (),
    "near": ("documents",),
    "pages": ("documents", "near"),
    "lines": ("documents", "near"),
}


class Sizes(NamedTuple):
    """Numbers of documents and lines before each part, and the totals at the end."""

    documents: list[int]
    lines: list[int]

    def of(self, kind: str) -> list[int]:
        """Return the numbers of what a kind compares."""
        return self.lines if kind in OF_LINES else self.documents


def bands_of(kind: str, settings: CleanSettings) -> int:
    """Return the number of fingerprints of each document or line."""
    if kind != "near":
        return 1
    return best_bands(settings["near.threshold"], settings["near.permutations"])[0]


class Comparison:
    """Compares all documents or lines of a corpus.

    Args:
        kind: `documents`, `near`, `pages` or `lines`.
        directory: Directory of intermediate files.
        sizes: Sizes of the parts.
        drops: Results by kind, finished ones and the one to write.
        settings: Settings of the cleaning.
    """

    def __init__(
        self,
        kind: str,
        directory: str,
        sizes: Sizes,
        drops: dict[str, Drops],
        settings: CleanSettings,
    ):
        self.kind = kind
        self.bounds = sizes.of(kind)
        self.bands = bands_of(kind, settings)
        self.drops = drops[kind]
        self._directory = directory
        self._sizes = sizes
        self._after = [drops[name] for name in _AFTER[kind] if name in drops]
        self._settings = settings

    def read(self, index: int, band: int = 0) -> tuple[np.ndarray, ...]:
        """Read the fingerprints of one part.

        Args:
            index: Number of the part.
            band: Number of the band.

        Returns:
            Fingerprints, uint64 `[n]`, `NONE` for what is not compared; their places in the corpus,
            int64 `[n]`; for `pages` also the document of each, int64 `[n]`.
        """
        part = Part(self._directory, index)
        if self.kind == "near":
            keys = np.array(part.read("bands", self.bands)[:, band])
        else:
            keys = np.array(part.read(self.kind))
        first, last = self._sizes.documents[index : index + 2]
        owners = np.arange(last - first)
        if self.kind in OF_LINES:
            owners = np.repeat(owners, part.read("sizes"))
        dropped = np.zeros(last - first, bool)
        for drops in self._after:
            dropped[drops.within(index)] = True
        keys[dropped[owners]] = NONE
        start = self.bounds[index]
        found = keys, np.arange(start, start + len(keys)), owners + first
        return found if self.kind == "pages" else found[:2]

    def find(self, keys: np.ndarray, places: np.ndarray, *documents: np.ndarray) -> np.ndarray:
        """Find the duplicates among all fingerprints of one share.

        Args:
            keys: Fingerprints, uint64 `[n]`.
            places: Their places, int64 `[n]`, ascending.
            documents: For `pages` the document of each, int64 `[n]`.

        Returns:
            Places to drop, int64 `[dropped]`, ascending; for `near` the pairs to compare, int64
            `[pairs, 2]`, the later document first.
        """
        if self.kind == "near":
            return candidates(keys, places)
        if self.kind == "pages":
            return on_many_pages(keys, places, *documents, self._settings["boilerplate.pages"])
        again = np.ones(len(places), bool)
        again[np.unique(keys, return_index=True)[1]] = False
        return places[again]

    def write_if_missing(self, share: int) -> None:
        """Write a share with nothing to drop, unless it is written."""
        if not self.drops.is_done(share):
            self.write(share, np.zeros((0, 2) if self.kind == "near" else 0, np.int64))

    def write(self, share: int, found: np.ndarray) -> None:
        """Write the results of `find` as one share; of pairs, those that are near duplicates."""
        if self.kind != "near":
            self.drops.write(share, found)
            return
        parts = [Part(self._directory, index) for index in range(len(self.bounds) - 1)]
        values = self._settings
        sizes = (values["near.permutations"], values["near.threshold"])
        pairs = similar(found, parts, self.bounds, *sizes)
        self.drops.write(share, pairs[:, 0], pairs[:, 1])


def share_of(keys: np.ndarray, shares: int) -> np.ndarray:
    """Return the share of each fingerprint, `[n]`, -1 for those that are not compared."""
    # By the high bits: those of a band's keys are not all alike in the lowest.
    found = ((keys >> np.uint64(32)) % np.uint64(shares)).astype(np.int64)
    return np.where(keys != NONE, found, -1)


def on_many_pages(
    keys: np.ndarray, lines: np.ndarray, documents: np.ndarray, least: int
) -> np.ndarray:
    """Return the numbers of the lines that many documents contain, int64 `[dropped]`, ascending.

    Args:
        keys: Fingerprints, uint64 `[n]`.
        lines: Numbers of the lines, int64 `[n]`, ascending.
        documents: Number of the document of each line, int64 `[n]`, ascending.
        least: Documents from which on a line is dropped.

    Example:
        >>> keys = np.array([7, 7, 5, 7], np.uint64)
        >>> on_many_pages(keys, np.arange(4), np.array([0, 0, 1, 1]), 2).tolist()
        [0, 1, 3]
    """
    order = np.lexsort((documents, keys))
    keys, documents = keys[order], documents[order]
    new_key = np.ones(len(keys), bool)
    new_key[1:] = keys[1:] != keys[:-1]
    new_document = new_key.copy()
    new_document[1:] |= documents[1:] != documents[:-1]
    group = np.cumsum(new_key) - 1  # [n]: number of the key
    counts = np.bincount(group, new_document) if len(keys) else np.zeros(0)
    return np.sort(lines[order[counts[group] >= least]])

"""The second pass: find duplicate documents and lines.

The fingerprints are divided into shares by value. A job compares one share over all parts, so its
memory does not depend on the size of the corpus, and the result not on the number of shares.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from kortf.clean.near_duplicates.near import similar_pairs
from kortf.clean.passes.drops import Drops
from kortf.clean.passes.fingerprint import NONE
from kortf.clean.passes.parts import Part
from kortf.clean.settings import CleanSettings

# Memory of one fingerprint: the value, its place and the arrays for sorting; for near duplicates
# also the pairs, where all have the same key.
BYTES_PER_FINGERPRINT = {"documents": 72, "near": 640, "lines": 72, "pages": 120}


class Sizes(NamedTuple):
    """Numbers of documents and lines before each part, and the totals at the end."""

    documents: list[int]
    lines: list[int]


class Comparer:
    """Compares documents or lines by their fingerprints.

    Args:
        directory: Directory of intermediate files.
        sizes: Sizes of the parts.
        drops: Results by kind, finished ones and the one to write.
        settings: Settings of the cleaning.
        bands: Bands of a signature; 0 without near duplicates.
        advance: Function that takes the bytes of progress.
    """

    def __init__(
        self,
        directory: str,
        sizes: Sizes,
        drops: dict[str, Drops],
        settings: CleanSettings,
        bands: int,
        advance: Callable[[int], None],
    ):
        self._sizes = sizes
        self._drops = drops
        self._settings = settings
        self._bands = bands
        self._advance = advance
        self._parts = [Part(directory, index) for index in range(len(sizes.documents) - 1)]

    def build(self, share: int, kind: str) -> None:
        """Compare one share of a kind and write the result."""
        drops = self._drops[kind]
        if kind == "near":
            # A share is one band, or a part of its keys.
            band, rest = share % self._bands, share // self._bands
            gathered = self._gather(self._band_keys(band), rest, drops.shares // self._bands)
            values = self._settings
            pairs = similar_pairs(
                *gathered,
                self._parts,
                self._sizes.documents,
                values["near.permutations"],
                values["near.threshold"],
            )
            drops.write(share, pairs[:, 0], pairs[:, 1])
        elif kind == "pages":
            found = self._gather(self._page_keys(), share, drops.shares)
            drops.write(share, on_many_pages(*found, self._settings["boilerplate.pages"]))
        else:
            found = self._document_keys() if kind == "documents" else self._line_keys()
            fingerprints, places = self._gather(found, share, drops.shares)
            _, first = np.unique(fingerprints, return_index=True)
            again = np.ones(len(places), bool)
            again[first] = False
            drops.write(share, places[again])

    def _gather(
        self, found: Iterator[tuple[np.ndarray, ...]], share: int, shares: int
    ) -> tuple[np.ndarray, ...]:
        """Return the fingerprints of a share, uint64 `[n]`, and what `found` has beside them."""
        gathered = []
        for keys, *beside in found:
            # By the high bits: those of a band's keys are not all alike in the lowest.
            mine = (keys != NONE) & ((keys >> np.uint64(32)) % np.uint64(shares) == share)
            gathered.append([array[mine] for array in (keys, *beside)])
            self._advance(keys.nbytes)
        return tuple(map(np.concatenate, zip(*gathered, strict=True)))

    def _document_keys(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for part, start in zip(self._parts, self._sizes.documents, strict=False):
            keys = part.read("documents")
            yield keys, np.arange(start, start + len(keys))

    def _band_keys(self, band: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for index, part in enumerate(self._parts):
            keys = np.array(part.read("bands", self._bands)[:, band])
            keys[self._dropped(index, ("documents",))] = NONE
            start = self._sizes.documents[index]
            yield keys, np.arange(start, start + len(keys))

    def _line_keys(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for index, part in enumerate(self._parts):
            keys = np.array(part.read("lines"))
            # Lines of dropped documents do not count as earlier ones.
            dropped = self._dropped(index, ("documents", "near"))
            keys[np.repeat(dropped, part.read("sizes"))] = NONE
            start = self._sizes.lines[index]
            yield keys, np.arange(start, start + len(keys))

    def _page_keys(self) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Yield fingerprints, numbers of the lines and numbers of their documents."""
        for index, part in enumerate(self._parts):
            keys = np.array(part.read("pages"))
            documents = np.repeat(np.arange(len(part.read("sizes"))), part.read("sizes"))
            keys[self._dropped(index, ("documents", "near"))[documents]] = NONE
            start = self._sizes.lines[index]
            numbers = np.arange(start, start + len(keys))
            yield keys, numbers, documents + self._sizes.documents[index]

    def _dropped(self, index: int, kinds: tuple[str, ...]) -> np.ndarray:
        """Return whether each document of a part is dropped, bool `[documents]`."""
        start, end = self._sizes.documents[index : index + 2]
        dropped = np.zeros(end - start, bool)
        for kind in kinds:
            if kind in self._drops:
                dropped[self._drops[kind].within(start, end)] = True
        return dropped


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

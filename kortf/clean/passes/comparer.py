"""The second pass: finds documents and lines that came before.

Each share of the work looks at the fingerprints that fall to it, in all parts: so memory is that of
a share, whatever the size of the corpus, and what is found does not depend on the number of shares.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from kortf.clean.near_duplicates.near import similar_pairs
from kortf.clean.passes.drops import Drops
from kortf.clean.passes.fingerprint import NONE
from kortf.clean.passes.parts import Part

# Of memory for a fingerprint: itself, its place, and what it takes to sort them; for near ones, to
# pair them where all have the same key.
BYTES_PER_FINGERPRINT = {"documents": 72, "near": 640, "lines": 72}


class Sizes(NamedTuple):
    """Documents and lines of all parts before each part, and in all at the end."""

    documents: list[int]
    lines: list[int]


class Comparer:
    """Compares documents or lines.

    Args:
        directory: of the work between the passes.
        sizes: of the parts.
        drops: by kind, those that are known and the one that is to be written.
        threshold: of near duplicates.
        widths: bands and numbers of a signature.
        advance: told (bytes) now and then.
    """

    def __init__(
        self,
        directory: str,
        sizes: Sizes,
        drops: dict[str, Drops],
        threshold: float,
        widths: tuple[int, int],
        advance: Callable[[int], None],
    ):
        self._sizes = sizes
        self._drops = drops
        self._threshold = threshold
        self._bands, self._permutations = widths
        self._advance = advance
        self._parts = [Part(directory, index) for index in range(len(sizes.documents) - 1)]

    def build(self, share: int, kind: str) -> None:
        """Does one share of the comparison of a kind."""
        drops = self._drops[kind]
        if kind == "near":
            # First by band, then by key: the bands differ in nothing but the numbers they hold.
            band, rest = share % self._bands, share // self._bands
            gathered = self._gather(self._band_keys(band), rest, drops.shares // self._bands)
            pairs = similar_pairs(
                *gathered, self._parts, self._sizes.documents, self._permutations, self._threshold
            )
            drops.write(share, pairs[:, 0], pairs[:, 1])
        else:
            found = self._document_keys() if kind == "documents" else self._line_keys()
            fingerprints, places = self._gather(found, share, drops.shares)
            _, first = np.unique(fingerprints, return_index=True)
            again = np.ones(len(places), bool)
            again[first] = False
            drops.write(share, places[again])

    def _gather(
        self, found: Iterator[tuple[np.ndarray, np.ndarray]], share: int, shares: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Fingerprints of a share, uint64 `[n]`, and their places, int64 `[n]`, ascending."""
        keys, places = [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)]
        for some, where in found:
            # By the high bits: those of a band's keys are not all alike in the lowest.
            mine = (some != NONE) & ((some >> np.uint64(32)) % np.uint64(shares) == share)
            keys.append(some[mine])
            places.append(where[mine])
            self._advance(some.nbytes)
        return np.concatenate(keys), np.concatenate(places)

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
            # What only a dropped document says is not said yet.
            dropped = self._dropped(index, ("documents", "near"))
            keys[np.repeat(dropped, part.read("sizes"))] = NONE
            start = self._sizes.lines[index]
            yield keys, np.arange(start, start + len(keys))

    def _dropped(self, index: int, kinds: tuple[str, ...]) -> np.ndarray:
        """Whether each document of a part goes, bool `[documents]`."""
        start, end = self._sizes.documents[index : index + 2]
        dropped = np.zeros(end - start, bool)
        for kind in kinds:
            if kind in self._drops:
                dropped[self._drops[kind].within(start, end)] = True
        return dropped

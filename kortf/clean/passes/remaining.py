"""Documents of a part without the duplicates that the second pass has found."""

from collections.abc import Iterator
from itertools import compress

import numpy as np

from kortf import files
from kortf.clean.passes.comparison import OF_LINES, Sizes
from kortf.clean.passes.drops import Drops
from kortf.clean.passes.parts import Part
from kortf.clean.reporting.tally import LOOKED_AT, Tally
from kortf.clean.rule import Filter
from kortf.clean.rule_set import NEAR_DOCUMENTS, PAGE_LINES, SAME_DOCUMENTS, SAME_LINES

# Names of the comparisons of lines in the report.
_NAMES = {"pages": PAGE_LINES, "lines": SAME_LINES}


class Remaining:
    """Reads a part without its dropped documents and lines.

    Args:
        parts: All parts.
        sizes: Sizes of the parts.
        drops: Documents and lines to drop, by kind.
        filters: Filters, which see documents that have lost lines once more.
        tally: Takes the counts.
    """

    def __init__(
        self,
        parts: list[Part],
        sizes: Sizes,
        drops: dict[str, Drops],
        filters: list[Filter],
        tally: Tally,
    ):
        self._parts = parts
        self._sizes = sizes
        self._drops = drops
        self._filters = filters
        self._tally = tally

    def read(self, index: int) -> Iterator[tuple[list[str], int]]:
        """Read the documents of part number `index`, in batches.

        Yields:
            Documents, with an empty string for a dropped one, and their former bytes.
        """
        part = self._parts[index]
        sizes = part.read("sizes")
        gone = {kind: drops.within(index) for kind, drops in self._drops.items()}
        twins = self._drops["near"].twins(index) if "near" in self._drops else {}
        document = line = 0
        with files.open_file(part.text_path) as file:
            for chunk in part.chunks():
                lines = file.read(chunk.bytes).decode().split("\n")[:-1]
                ends = np.cumsum(sizes[document : document + chunk.documents], dtype=np.int64)
                here = {
                    kind: _between(places, line, line + chunk.lines)
                    if kind in OF_LINES
                    else _between(places, document, document + chunk.documents)
                    for kind, places in gone.items()
                }
                documents = _join(lines, ends.tolist())
                self._drop_documents(documents, here, document, twins)
                self._drop_lines(documents, lines, ends, here)
                yield documents, chunk.bytes
                document, line = document + chunk.documents, line + chunk.lines

    def _drop_documents(
        self, documents: list[str], here: dict[str, np.ndarray], first: int, twins: dict[int, int]
    ) -> None:
        """Empty the dropped documents; `first` is the number of the first document."""
        same = here.get("documents", np.zeros(0, np.int64)).tolist()
        self._tally.dropped(SAME_DOCUMENTS, [documents[place] for place in same])
        for place in same:
            documents[place] = ""
        near = [place for place in here.get("near", np.zeros(0, int)).tolist() if documents[place]]
        if near:
            some = [self._text_of(twins[first + place]) for place in near[:LOOKED_AT]]
            self._tally.dropped_for(NEAR_DOCUMENTS, [documents[place] for place in near], some)
        for place in near:
            documents[place] = ""

    def _drop_lines(
        self, documents: list[str], lines: list[str], ends: np.ndarray, here: dict[str, np.ndarray]
    ) -> None:
        """Remove lines from documents, then the documents that filters drop for it."""
        stays, starts = np.ones(len(lines), bool), [0, *ends.tolist()]
        changed: set[int] = set()
        for kind in OF_LINES:
            gone = here.get(kind, np.zeros(0, np.int64))
            gone = gone[stays[gone]]
            stays[gone] = False
            touched = np.unique(np.searchsorted(ends, gone, side="right")).tolist()
            touched = [place for place in touched if documents[place]]
            before = [documents[place] for place in touched]
            for place in touched:
                span = slice(starts[place], starts[place + 1])
                documents[place] = "\n".join(compress(lines[span], stays[span]))
            if touched:
                self._tally.changed(_NAMES[kind], before, [documents[place] for place in touched])
            changed.update(touched)
        for rule in self._filters if changed else ():
            places = [place for place in sorted(changed) if documents[place]]
            left = [documents[place] for place in places]
            drops = rule.drops(left)
            self._tally.dropped(rule.name, list(compress(left, drops)))
            for place in compress(places, drops):
                documents[place] = ""

    def _text_of(self, number: int) -> str:
        index = int(np.searchsorted(self._sizes.documents, number, side="right")) - 1
        return self._parts[index].document(number - self._sizes.documents[index])


def _between(places: np.ndarray, start: int, end: int) -> np.ndarray:
    first, last = np.searchsorted(places, (start, end))
    return places[first:last] - start


def _join(lines: list[str], ends: list[int]) -> list[str]:
    """Return documents, given all lines and the end of each document.

    Example:
        >>> _join(["봄", "꽃", "눈"], [2, 3])
        ['봄\\n꽃', '눈']
    """
    return ["\n".join(lines[start:end]) for start, end in zip([0, *ends], ends, strict=False)]

"""What remains of a part's documents when all goes that came before in the corpus."""

from collections.abc import Iterator
from itertools import compress

import numpy as np

from kortf.clean.passes.comparer import Sizes
from kortf.clean.passes.drops import Drops
from kortf.clean.passes.parts import Part
from kortf.clean.rule_order import NEAR_DOCUMENTS, SAME_DOCUMENTS, SAME_LINES
from kortf.clean.rules.length import Length
from kortf.clean.tally import LOOKED_AT, Tally


class Remaining:
    """Reads a part and leaves out what goes.

    Args:
        parts: all of them.
        sizes: of the parts.
        drops: by kind, what goes.
        lengths: filters, asked once more about documents that have lost lines.
        tally: takes the counts.
    """

    def __init__(
        self,
        parts: list[Part],
        sizes: Sizes,
        drops: dict[str, Drops],
        lengths: list[Length],
        tally: Tally,
    ):
        self._parts = parts
        self._sizes = sizes
        self._drops = drops
        self._lengths = lengths
        self._tally = tally

    def read(self, index: int) -> Iterator[tuple[list[str], int]]:
        """The documents of part number `index`, some at a time.

        Yields:
            Documents, an empty string for each that goes, and the bytes that they had.
        """
        part = self._parts[index]
        sizes = part.read("sizes")
        gone = {kind: self._within(kind, index) for kind in self._drops}
        twins = {}
        if "near" in self._drops:
            twins = self._drops["near"].twins(*self._sizes.documents[index : index + 2])
        document = line = 0
        with open(part.text_path, "rb") as file:
            for chunk in part.chunks():
                lines = file.read(chunk.bytes).decode().split("\n")[:-1]
                ends = np.cumsum(sizes[document : document + chunk.documents], dtype=np.int64)
                here = {
                    kind: _between(places, line, line + chunk.lines)
                    if kind == "lines"
                    else _between(places, document, document + chunk.documents)
                    for kind, places in gone.items()
                }
                documents = _join(lines, ends.tolist())
                self._drop_documents(documents, here, document, twins)
                if len(here.get("lines", ())):
                    self._drop_lines(documents, lines, ends, here["lines"])
                yield documents, chunk.bytes
                document, line = document + chunk.documents, line + chunk.lines

    def _within(self, kind: str, index: int) -> np.ndarray:
        bounds = self._sizes.lines if kind == "lines" else self._sizes.documents
        return self._drops[kind].within(*bounds[index : index + 2])

    def _drop_documents(
        self, documents: list[str], here: dict[str, np.ndarray], first: int, twins: dict[int, int]
    ) -> None:
        """Empties the documents that go; `first` is the number of the first one in the part."""
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
        self, documents: list[str], lines: list[str], ends: np.ndarray, gone: np.ndarray
    ) -> None:
        """Takes the lines that go out of documents."""
        stays = np.ones(len(lines), bool)
        stays[gone] = False
        touched = np.unique(np.searchsorted(ends, gone, side="right")).tolist()
        touched = [place for place in touched if documents[place]]
        before = [documents[place] for place in touched]
        starts = [0, *ends.tolist()]
        after = [
            "\n".join(compress(lines[starts[p] : starts[p + 1]], stays[starts[p] : starts[p + 1]]))
            for p in touched
        ]
        self._tally.changed(SAME_LINES, before, after)
        for rule in self._lengths:
            left = list(filter(None, after))
            drops = iter(rule.drops(left))
            dropped = [bool(document) and next(drops) for document in after]
            self._tally.dropped(rule.name, list(compress(after, dropped)))
            after = ["" if drop else text for text, drop in zip(after, dropped, strict=True)]
        for place, document in zip(touched, after, strict=True):
            documents[place] = document

    def _text_of(self, number: int) -> str:
        index = int(np.searchsorted(self._sizes.documents, number, side="right")) - 1
        return self._parts[index].document(number - self._sizes.documents[index])


def _between(places: np.ndarray, start: int, end: int) -> np.ndarray:
    first, last = np.searchsorted(places, (start, end))
    return places[first:last] - start


def _join(lines: list[str], ends: list[int]) -> list[str]:
    """Documents of lines.

    Example:
        >>> _join(["봄", "꽃", "눈"], [2, 3])
        ['봄\\n꽃', '눈']
    """
    return ["\n".join(lines[start:end]) for start, end in zip([0, *ends], ends, strict=False)]

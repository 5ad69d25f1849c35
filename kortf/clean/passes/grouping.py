"""The second pass on many machines: steps between which a runner groups results by key.

    part → its fingerprints by share → places to drop by part → a file of each part

A step holds one part, or one share of the fingerprints of all parts.
"""

from collections.abc import Callable, Iterable

import numpy as np

from kortf.clean.passes.comparison import Comparison, share_of

# Number of a part, and arrays of it.
Slice = tuple[int, list[np.ndarray]]


def grouping_steps(comparison: Comparison, shares: int) -> list[Callable]:
    """Return the steps of a comparison, as `BeamRunner.run` takes them; elements are parts.

    Args:
        comparison: See `Comparison`; it writes a file a part.
        shares: Shares of the fingerprints of a band.
    """
    return [Splitting(comparison, shares), Finding(comparison), Writing(comparison)]


class Splitting:
    """Split the fingerprints of one part into shares."""

    def __init__(self, comparison: Comparison, shares: int):
        self.comparison = comparison
        self.shares = shares

    def __call__(self, part: int) -> list[tuple[int, Slice]]:
        """Return the slice of each share, with the numbers of band and share as its key."""
        found = []
        for band in range(self.comparison.bands):
            arrays = self.comparison.read(part, band)
            for share, rows in _rows_by(share_of(arrays[0], self.shares)):
                if share >= 0:
                    key = band * self.shares + share
                    found.append((key, (part, [array[rows] for array in arrays])))
        return found


class Finding:
    """Find the duplicates in one share, given the slices of all parts."""

    def __init__(self, comparison: Comparison):
        self.comparison = comparison

    def __call__(self, element: tuple[int, Iterable[Slice]]) -> list[tuple[int, np.ndarray]]:
        """Return what `Comparison.find` returns, by the part of the place to drop."""
        slices = sorted(element[1], key=lambda one: one[0])
        found = self.comparison.find(
            *map(np.concatenate, zip(*(arrays for _, arrays in slices), strict=True))
        )
        places = found if found.ndim == 1 else found[:, 0]
        parts = np.searchsorted(self.comparison.bounds, places, side="right") - 1
        return [(part, found[rows]) for part, rows in _rows_by(parts)]


class Writing:
    """Write what all shares have found in one part."""

    def __init__(self, comparison: Comparison):
        self.comparison = comparison

    def __call__(self, element: tuple[int, Iterable[np.ndarray]]) -> None:
        """Write the file of the part; bands may have found the same pair."""
        part, found = element
        self.comparison.write(part, np.unique(np.concatenate(list(found)), axis=0))


def _rows_by(numbers: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """Return each number once, with the rows that hold it, ascending.

    Example:
        >>> [(number, rows.tolist()) for number, rows in _rows_by(np.array([4, 2, 4]))]
        [(2, [1]), (4, [0, 2])]
    """
    order = np.argsort(numbers, kind="stable")
    distinct, starts = np.unique(numbers[order], return_index=True)
    return list(zip(distinct.tolist(), np.split(order, starts)[1:], strict=True))

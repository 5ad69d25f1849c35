"""The second pass on one machine: compare one share of the fingerprints over all parts.

The memory of a job does not depend on the size of the corpus, and the result not on the number of
shares.
"""

from collections.abc import Callable

import numpy as np

from kortf.clean.passes.comparison import Comparison, share_of


class Comparer:
    """Compares shares; each is a band, or the part of its fingerprints with certain values.

    Args:
        comparison: See `Comparison`.
        directory: Directory of intermediate files.
        advance: Function that takes the bytes of progress.
    """

    def __init__(self, comparison: Comparison, directory: str, advance: Callable[[int], None]):
        self._comparison = comparison
        self._advance = advance

    def build(self, share: int) -> None:
        """Compare one share and write the result."""
        self._comparison.write(share, self._comparison.find(*self._gather(share)))

    def _gather(self, share: int) -> list[np.ndarray]:
        """Return the arrays of `Comparison.read` for one share of all parts, `[n]` each."""
        comparison = self._comparison
        rest, band = divmod(share, comparison.bands)
        shares = comparison.drops.shares // comparison.bands
        gathered = []
        for part in range(len(comparison.bounds) - 1):
            arrays = comparison.read(part, band)
            mine = share_of(arrays[0], shares) == rest
            gathered.append([array[mine] for array in arrays])
            self._advance(arrays[0].nbytes)
        return [np.concatenate(arrays) for arrays in zip(*gathered, strict=True)]

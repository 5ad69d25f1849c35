"""Lengths that rows are padded to: few, because kernels are compiled for each shape."""

import numpy as np


def padded_lengths(lengths: np.ndarray, most: int) -> np.ndarray:
    """Choose at most `most` lengths with the least padding if each row gets the next one.

    Example:
        >>> padded_lengths(np.array([3, 4, 4, 9, 10, 10, 10]), 2)
        array([ 4, 10])

    Args:
        lengths: int `[rows]`, lengths of at least one row.
        most: Number of lengths, at most.

    Returns:
        Lengths in ascending order; the last is that of the longest row.
    """
    found, rows = np.unique(lengths, return_counts=True)
    below = np.cumsum(rows)  # rows up to each found length
    # places[i]: tokens of the rows up to found[i] if found[i] is the last of the lengths so far.
    places = below * found
    # between[j, i]: tokens of the rows between found[i] and found[j], each padded to found[j].
    earlier = np.tri(len(found), k=-1, dtype=bool)
    between = np.where(earlier, (below[:, None] - below) * found[:, None], np.inf)
    before = []  # for each further length, the index of the length before it
    for _ in range(min(most, len(found)) - 1):
        through = places + between
        before.append(through.argmin(axis=1))
        places = through.min(axis=1)
    chosen = [len(found) - 1]
    for previous in reversed(before):
        chosen.append(previous[chosen[-1]])
    return found[chosen[::-1]]

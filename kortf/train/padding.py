"""The few lengths that rows are padded to: each is a shape that kernels are compiled for."""

import numpy as np


def padded_lengths(lengths: np.ndarray, most: int) -> np.ndarray:
    """Those lengths, `most` or fewer, that pad the rows least if each row gets the next one.

    Example:
        >>> padded_lengths(np.array([3, 4, 4, 9, 10, 10, 10]), 2)
        array([ 4, 10])

    Args:
        lengths: int `[rows]`, of the rows, at least one.
        most: how many lengths there may be.

    Returns:
        As `lengths`, ascending; the last is that of the longest row.
    """
    found, rows = np.unique(lengths, return_counts=True)
    below = np.cumsum(rows)  # rows up to each length found
    # places[i]: that the rows up to found[i] take if found[i] is the last of so many lengths.
    places = below * found
    # The length before found[j] is found[i]: that the rows between take, each found[j].
    earlier = np.tri(len(found), k=-1, dtype=bool)
    between = np.where(earlier, (below[:, None] - below) * found[:, None], np.inf)
    before = []  # for each further length, what comes before it
    for _ in range(min(most, len(found)) - 1):
        through = places + between
        before.append(through.argmin(axis=1))
        places = through.min(axis=1)
    chosen = [len(found) - 1]
    for previous in reversed(before):
        chosen.append(previous[chosen[-1]])
    return found[chosen[::-1]]

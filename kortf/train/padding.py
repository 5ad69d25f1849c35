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
        int64, ascending; the last is that of the longest row.
    """
    found, rows = np.unique(lengths, return_counts=True)
    below = np.cumsum(rows)  # rows up to each length found
    # places[i]: that the rows up to found[i] take if found[i] is one of the lengths.
    places = below * found
    # The last length before found[j] is found[i]: those rows, and the rows between at found[j].
    between = np.where(
        np.tri(len(found), k=-1, dtype=bool),
        (below[:, None] - below[None, :]) * found[:, None],
        np.iinfo(np.int64).max // 2,
    )
    before = []  # for each further length, what comes before it
    for _ in range(min(most, len(found)) - 1):
        through = places[None, :] + between
        before.append(np.where(through.min(axis=1) < places, through.argmin(axis=1), -1))
        places = np.minimum(places, through.min(axis=1))
    at = len(found) - 1
    chosen = [at]
    for previous in reversed(before):
        if previous[at] >= 0:
            at = previous[at]
            chosen.append(at)
    return found[chosen[::-1]].astype(np.int64)

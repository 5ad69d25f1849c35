"""Find the pairs of near duplicates among documents that share a band key."""

import numpy as np

from kortf.clean.passes.parts import Part

# A document is compared with the first one of its key and with so many before it, so that the cost
# of a key that a million documents share stays linear.
_LOOK_BACK = 8
# Pairs whose signatures are in memory together.
_BATCH = 1 << 15


def similar(
    pairs: np.ndarray, parts: list[Part], starts: list[int], permutations: int, threshold: float
) -> np.ndarray:
    """Return those of some pairs of documents that have similar signatures.

    Args:
        pairs: Numbers of documents in the corpus, int64 `[pairs, 2]`.
        parts: Parts with the signatures.
        starts: Number of the first document of each part, and the total at the end.
        permutations: Numbers in a signature.
        threshold: Share of equal numbers from which on two documents are near duplicates.

    Returns:
        int64 `[similar, 2]`, in the same order.
    """
    found = [np.zeros((0, 2), np.int64)]
    for start in range(0, len(pairs), _BATCH):
        some = pairs[start : start + _BATCH]
        wanted, where = np.unique(some, return_inverse=True)
        signatures = _signatures(wanted, parts, starts, permutations)
        where = where.reshape(-1, 2)
        equal = (signatures[where[:, 0]] == signatures[where[:, 1]]).mean(axis=1)
        found.append(some[equal >= threshold])
    return np.concatenate(found)


def candidates(keys: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return the pairs with the same key, int64 `[pairs, 2]`, the later one first, ascending.

    Args:
        keys: Keys of one band, uint64 `[documents]`.
        places: Numbers of the documents in the corpus, int64 `[documents]`, ascending.

    Example:
        >>> candidates(np.array([7, 5, 7, 7], np.uint64), np.array([0, 1, 2, 3])).tolist()
        [[2, 0], [3, 0], [3, 2]]
    """
    order = np.argsort(keys, kind="stable")
    keys, places = keys[order], places[order]
    numbers = np.arange(len(keys))
    new = np.ones(len(keys), bool)
    new[1:] = keys[1:] != keys[:-1]
    first = np.maximum.accumulate(np.where(new, numbers, 0))
    back = (first if step == 0 else numbers - step for step in range(_LOOK_BACK + 1))
    pairs = [
        np.stack([places[later], places[other[later]]], axis=1)
        for other in back
        for later in [np.flatnonzero((other >= first) & (other < numbers))]
    ]
    return np.unique(np.concatenate(pairs), axis=0) if len(keys) else np.zeros((0, 2), np.int64)


def _signatures(
    wanted: np.ndarray, parts: list[Part], starts: list[int], permutations: int
) -> np.ndarray:
    """Return signatures, uint32 `[documents, permutations]`; `wanted` is ascending."""
    rows = np.empty((len(wanted), permutations), np.uint32)
    bounds = np.searchsorted(wanted, starts)
    for part, start, first, last in zip(parts, starts, bounds, bounds[1:], strict=False):
        if first < last:
            rows[first:last] = part.read("signatures", permutations)[wanted[first:last] - start]
    return rows

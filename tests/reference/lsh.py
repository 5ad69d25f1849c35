"""LSH attention as one would explain it: for each query, which keys it sees, then a softmax."""

import numpy as np


def buckets_of(vectors, rotations):
    """Bucket of each vector `[seq, dim]` in each round, by `[dim, rounds, n]`: `[rounds, seq]`."""
    rounds, half = rotations.shape[1:]
    found = np.zeros((rounds, len(vectors)), int)
    for r in range(rounds):
        for i, vector in enumerate(vectors):
            turned = vector @ rotations[:, r] if half else np.zeros(0)
            found[r, i] = np.argmax([*turned, *-turned]) if half else 0
    return found


def seen_in_round(buckets, groups, size, causal, by_bucket, ahead, wrap=False):
    """The positions that each position sees in one round, itself included: a list of sets.

    `wrap`: the first chunk looks at the last one.
    """
    length = len(buckets)
    last = max(groups) + 1
    order = sorted(range(length), key=lambda i: (groups[i] if groups[i] > 0 else last,
                                                 buckets[i], i))  # fmt: skip
    place = {position: n for n, position in enumerate(order)}
    chunks = length // size
    seen = []
    for i in range(length):
        mine = set()
        for j in range(length):
            apart = place[i] - place[j]
            if by_bucket:
                near = buckets[i] == buckets[j] and (-size if ahead else 0) <= apart <= size
            else:
                apart = place[i] // size - place[j] // size
                near = apart in ((-1, 0, 1) if ahead else (0, 1))
                near = near or (wrap and apart % chunks in (0, 1))
            if near and groups[i] == groups[j] and (j <= i or not causal):
                mine.add(j)
        seen.append(mine)
    return seen


def attention(query, key, value, seen_by_round, duplicates=False):
    """Softmax over the keys of all rounds; a position's own key only if there is no other.

    `duplicates`: a key counts once in each round in which it is seen.
    """
    result = np.zeros(value.shape)
    for i in range(len(query)):
        sets = [seen[i] for seen in seen_by_round]
        keys = [j for mine in sets for j in mine] if duplicates else list(set().union(*sets))
        others = [j for j in keys if j != i] or [i]
        scores = np.array([query[i] @ key[j] for j in others])
        weights = np.exp(scores - scores.max())
        result[i] = weights / weights.sum() @ value[others]
    return result


def unit(vectors, epsilon=1e-6):
    """Vectors of length one."""
    dim = vectors.shape[-1]
    return vectors / np.sqrt((vectors**2).sum(-1, keepdims=True) + dim * epsilon)


def seen_by_round(
    vectors, rotations, groups, size, causal, by_bucket, ahead, wrap=False, buckets=None
):
    """What each position sees in each round."""
    buckets = buckets_of(vectors, rotations) if buckets is None else buckets
    return [
        seen_in_round(of_round, groups, size, causal, by_bucket, ahead, wrap)
        for of_round in buckets
    ]


def lsh_attention(vectors, value, rotations, groups, size, causal, by_bucket, ahead):
    """One head: shared queries and keys `vectors` `[seq, dim]`, `value` `[seq, dim]`."""
    seen = seen_by_round(vectors, rotations, groups, size, causal, by_bucket, ahead)
    return attention(vectors, unit(vectors) * vectors.shape[-1] ** -0.5, value, seen)

"""A linear-chain CRF by going through all tag sequences."""

import itertools

import numpy as np


def all_paths(emissions, mask, transitions, start, end):
    """Yields (tags of the places that count, score) of one row: `[seq, tags]`, `[seq]`, …"""
    places = [t for t, here in enumerate(mask) if here]
    for tags in itertools.product(range(emissions.shape[1]), repeat=len(places)):
        score = sum(emissions[t, tag] for t, tag in zip(places, tags, strict=True))
        score += sum(transitions[i, j] for i, j in itertools.pairwise(tags))
        yield tags, score + (start[tags[0]] + end[tags[-1]] if tags else 0.0)


def log_normalizer(*row) -> float:
    """Log of the sum of the exponentials of all scores."""
    scores = np.array([score for _, score in all_paths(*row)])
    return float(np.log(np.exp(scores - scores.max()).sum()) + scores.max())


def best_path(*row):
    """(tags, score) of the best one."""
    return max(all_paths(*row), key=lambda path: path[1])

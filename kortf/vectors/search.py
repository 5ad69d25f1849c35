"""Exact search for the nearest vectors, block after block."""

from collections.abc import Callable

import numpy as np

from kortf.errors import InputError
from kortf.metrics.late_interaction import TokenVectors, max_sim

SIMILARITIES = ("cosine", "dot")
MAX_SIM = "maxsim"
_SCORES = 1 << 24  # scores that are held at once


class Ranking:
    """The best rows for each query among those seen so far.

    Of rows with equal scores, the earlier one is better.

    Args:
        queries: Number of queries.
        top_k: Number of rows that are kept for each query.

    Attributes:
        scores: float32 `[queries, found]`, falling; at most `top_k` are found.
        seen: Number of rows so far.
        rows: int64 `[queries, found]`, the number of each row, from 0.
    """

    def __init__(self, queries: int, top_k: int):
        self.top_k, self.seen = top_k, 0
        self.scores = np.zeros((queries, 0), np.float32)
        self.rows = np.zeros((queries, 0), np.int64)

    def rank(self, scores_of: Callable[[slice], np.ndarray], number: int) -> None:
        """Take the scores of further rows, of some queries at a time.

        Args:
            scores_of: Function of a slice of the queries to float32 `[queries, number]`.
            number: Number of rows.
        """
        part = max(1, _SCORES // max(number, 1))
        found = []
        for begin in range(0, len(self.scores), part):
            here = slice(begin, begin + part)
            found.append(self._best(here, scores_of(here), number))
        if found:
            self.scores = np.concatenate([scores for scores, _ in found])
            self.rows = np.concatenate([rows for _, rows in found])
        self.seen += number

    def _best(self, here: slice, scores: np.ndarray, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the best scores and rows of some queries, those of earlier rows included."""
        held = self.scores.shape[1]
        new = np.arange(self.seen, self.seen + number)
        scores = np.concatenate([self.scores[here], scores], axis=1)
        kept = min(self.top_k, scores.shape[1])
        # Everything not below the last of the best, so that ties are settled by the row.
        last = np.partition(scores, scores.shape[1] - kept, axis=1)[:, -kept]
        best_scores = np.zeros((len(scores), kept), np.float32)
        best_rows = np.zeros((len(scores), kept), np.int64)
        for i, (row, least) in enumerate(zip(scores, last, strict=True)):
            index = np.flatnonzero(row >= least)
            order = np.argsort(-row[index], kind="stable")[:kept]
            index = index[order]
            best_scores[i] = row[index]
            old = index < held
            best_rows[i, old] = self.rows[here][i, index[old]]
            best_rows[i, ~old] = new[index[~old] - held]
        return best_scores, best_rows


class Search(Ranking):
    """The best rows for each query among the blocks of vectors seen so far.

    Args:
        queries: float32 `[queries, dim]`.
        top_k: Number of rows that are kept for each query.
        similarity: `cosine` or `dot`.
    """

    def __init__(self, queries: np.ndarray, top_k: int, similarity: str = "cosine"):
        super().__init__(len(queries), top_k)
        self._cosine = similarity == "cosine"
        self._queries = np.ascontiguousarray(self._prepared(queries, "query", 1), np.float32)

    def add(self, vectors: np.ndarray, place: str = "vectors") -> None:
        """Compare the queries with a block of vectors `[rows, dim]`.

        Raises:
            InputError: The vectors have another dimension, or one is not finite.
        """
        if vectors.shape[1] != self._queries.shape[1]:
            problem = f"{vectors.shape[1]} dimensions where the queries have "
            problem += f"{self._queries.shape[1]}"
            raise InputError(place, problem, "embed texts and queries with the same model")
        vectors = self._prepared(vectors, place, self.seen + 1)
        self.rank(lambda here: self._queries[here] @ vectors.T, len(vectors))

    def _prepared(self, vectors: np.ndarray, place: str, first: int) -> np.ndarray:
        vectors = np.asarray(vectors, np.float32)
        bad = np.flatnonzero(~np.isfinite(vectors).all(axis=-1))
        if len(bad):
            problem = "holds a number that is not finite"
            raise InputError(f"{place}, row {first + bad[0]}", problem, "embed the texts again")
        if not self._cosine:
            return vectors
        lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
        return vectors / np.maximum(lengths, 1e-12)


class LateSearch(Ranking):
    """The best texts for each query by MaxSim, among the blocks of texts seen so far.

    Args:
        queries: Vectors of the tokens of the queries.
        top_k: Number of texts that are kept for each query.
    """

    def __init__(self, queries: TokenVectors, top_k: int):
        super().__init__(len(queries), top_k)
        self._queries = queries

    def add(self, texts: TokenVectors, place: str = "token vectors") -> None:
        """Compare all tokens of the queries with those of a block of texts.

        Raises:
            InputError: A number is not finite.
        """
        if not np.isfinite(texts.flat).all():
            place += f", texts {self.seen + 1} to {self.seen + len(texts)}"
            raise InputError(place, "hold a number that is not finite", "train the model again")
        self.rank(lambda here: max_sim(self._queries[here], texts), len(texts))

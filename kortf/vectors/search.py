"""Exact search for the nearest vectors, block after block."""

import numpy as np

from kortf.errors import InputError

SIMILARITIES = ("cosine", "dot")
_SCORES = 1 << 24  # scores that are held at once


class Search:
    """The best rows for each query among the blocks seen so far.

    Of rows with equal scores, the earlier one is better.

    Args:
        queries: float32 `[queries, dim]`.
        top_k: Number of rows that are kept for each query.
        similarity: `cosine` or `dot`.

    Attributes:
        scores: float32 `[queries, found]`, falling; at most `top_k` are found.
        seen: Number of rows of all blocks so far.
        rows: int64 `[queries, found]`, the number of each row among all blocks, from 0.
    """

    def __init__(self, queries: np.ndarray, top_k: int, similarity: str = "cosine"):
        self.top_k, self._cosine = top_k, similarity == "cosine"
        self._queries = np.ascontiguousarray(self._prepared(queries, "query", 1), np.float32)
        self.scores = np.zeros((len(queries), 0), np.float32)
        self.rows = np.zeros((len(queries), 0), np.int64)
        self.seen = 0

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
        part = max(1, _SCORES // max(len(vectors), 1))
        found = [
            self._best(slice(begin, begin + part), vectors)
            for begin in range(0, len(self._queries), part)
        ]
        if found:
            self.scores = np.concatenate([scores for scores, _ in found])
            self.rows = np.concatenate([rows for _, rows in found])
        self.seen += len(vectors)

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

    def _best(self, here: slice, vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the best scores and rows of some queries, those of earlier blocks included."""
        scores = self._queries[here] @ vectors.T  # [queries, rows]
        held = self.scores.shape[1]
        new = np.arange(self.seen, self.seen + len(vectors))
        scores = np.concatenate([self.scores[here], scores], axis=1)
        number = min(self.top_k, scores.shape[1])
        # Everything not below the last of the best, so that ties are settled by the row.
        last = np.partition(scores, scores.shape[1] - number, axis=1)[:, -number]
        best_scores = np.zeros((len(scores), number), np.float32)
        best_rows = np.zeros((len(scores), number), np.int64)
        for i, (row, least) in enumerate(zip(scores, last, strict=True)):
            index = np.flatnonzero(row >= least)
            order = np.argsort(-row[index], kind="stable")[:number]
            index = index[order]
            best_scores[i] = row[index]
            old = index < held
            best_rows[i, old] = self.rows[here][i, index[old]]
            best_rows[i, ~old] = new[index[~old] - held]
        return best_scores, best_rows

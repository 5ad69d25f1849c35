"""MaxSim of texts of any length, in NumPy (Khattab and Zaharia 2020, ColBERT)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

_PRODUCTS = 1 << 24  # products of tokens that are in memory at once: 64 MB


@dataclass(frozen=True)
class TokenVectors:
    """Vectors of the tokens of texts, without padding.

    Attributes:
        flat: float32 `[tokens of all texts, width]`.
        lengths: int64 `[texts]`.
    """

    flat: np.ndarray
    lengths: np.ndarray

    @classmethod
    def of(cls, texts: Sequence[np.ndarray]) -> "TokenVectors":
        """Join matrices `[tokens, width]`, one a text."""
        lengths = np.array([len(text) for text in texts], np.int64)
        flat = np.concatenate(texts) if len(texts) else np.zeros((0, 0), np.float32)
        return cls(np.asarray(flat, np.float32), lengths)

    @classmethod
    def of_padded(cls, texts: np.ndarray) -> "TokenVectors":
        """Take texts `[texts, tokens, width]`, in which a row of zeros is no token."""
        real = texts.any(axis=-1)
        return cls(texts[real], real.sum(axis=-1, dtype=np.int64))

    @classmethod
    def joined(cls, parts: Sequence["TokenVectors"]) -> "TokenVectors":
        """Return the texts of all parts."""
        flat = np.concatenate([part.flat for part in parts])
        return cls(flat, np.concatenate([part.lengths for part in parts]))

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, here: slice) -> "TokenVectors":
        """Return some neighbouring texts."""
        begin, end, _ = here.indices(len(self))
        ends = np.concatenate([[0], np.cumsum(self.lengths)])
        return TokenVectors(self.flat[ends[begin] : ends[max(begin, end)]], self.lengths[here])


def max_sim(queries: TokenVectors, documents: TokenVectors) -> np.ndarray:
    """Return the MaxSim of each query with each document, float32 `[queries, documents]`.

    It is the sum over the tokens of a query of the largest product with a token of the document;
    of a document without tokens it is 0. At most about 2^24 products are in memory at once, or
    those of one query with one document.

    Example: a query of two tokens, and a document of one
        >>> texts = [np.eye(2, dtype=np.float32), np.array([[0.6, 0.8]], np.float32)]
        >>> np.round(max_sim(TokenVectors.of(texts[:1]), TokenVectors.of(texts[1:])), 4)
        array([[1.4]], dtype=float32)
    """
    found = np.zeros((len(queries), len(documents)), np.float32)
    side = int(_PRODUCTS**0.5)
    for rows in _blocks(queries.lengths, side):
        query = queries[rows]
        for columns in _blocks(documents.lengths, _PRODUCTS // max(len(query.flat), 1)):
            found[rows, columns] = _scores(query, documents[columns])
    return found


def mean_max_sim(queries: TokenVectors, documents: TokenVectors) -> np.ndarray:
    """Return MaxSim divided by the number of tokens of the query, `[queries, documents]`."""
    return max_sim(queries, documents) / np.maximum(queries.lengths, 1)[:, None]


def _blocks(lengths: np.ndarray, tokens: int) -> Iterator[slice]:
    """Yield slices of neighbouring texts with at most this number of tokens, or one text."""
    begin, total = 0, 0
    for i, length in enumerate(lengths.tolist()):
        if i > begin and total + length > tokens:
            yield slice(begin, i)
            begin, total = i, 0
        total += length
    if begin < len(lengths):
        yield slice(begin, len(lengths))


def _scores(queries: TokenVectors, documents: TokenVectors) -> np.ndarray:
    """Compute `max_sim` of all at once."""
    found = np.zeros((len(queries), len(documents)), np.float32)
    # `reduceat` takes an empty part for one of a single row.
    rows, columns = np.flatnonzero(queries.lengths), np.flatnonzero(documents.lengths)
    if not len(rows) or not len(columns):
        return found
    products = documents.flat @ queries.flat.T  # [document tokens, query tokens]
    best = np.maximum.reduceat(products, _starts(documents.lengths[columns]), axis=0)
    sums = np.add.reduceat(best, _starts(queries.lengths[rows]), axis=1)  # [documents, queries]
    found[np.ix_(rows, columns)] = sums.T
    return found


def _starts(lengths: np.ndarray) -> np.ndarray:
    return np.cumsum(lengths) - lengths

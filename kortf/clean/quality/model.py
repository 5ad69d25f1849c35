"""A linear model that tells good documents from bad ones by their characters."""

import zipfile
from typing import Self

import numpy as np

from kortf import files
from kortf.clean import characters
from kortf.errors import InputError
from kortf.text.unicode import tables

BUCKETS = 1 << 18
_NGRAMS = (1, 2, 3, 4)
_BASE = np.uint64(0x9E3779B97F4A7C15)
_MOST_CHARACTERS = 20_000  # the start of a document is enough


class QualityModel:
    """Scores documents: the logistic function of the mean weight of their n-grams.

    Args:
        weights: float32 `[buckets]`.
        bias: Score of a document without n-grams, before the logistic function.
    """

    def __init__(self, weights: np.ndarray, bias: float):
        self.weights = weights
        self.bias = bias

    def score(self, documents: list[str]) -> np.ndarray:
        """Return the probability that each document is good, float64 `[documents]`."""
        sums = [self.weights[buckets(document)].mean() for document in documents]
        return 1 / (1 + np.exp(-np.clip(self.bias + np.array(sums, np.float64), -50, 50)))

    def save(self, path: str) -> None:
        """Write the model to a file."""
        with files.write_beside(path, "wb") as file:
            np.savez_compressed(file, weights=self.weights, bias=np.float64(self.bias))

    @classmethod
    def load(cls, path: str) -> Self:
        """Read a model that `save` wrote.

        Raises:
            InputError: The file is missing or holds no such model.
        """
        cure = "train one with kortf clean --train_quality"
        try:
            with files.open_file(path) as file, np.load(file, allow_pickle=False) as arrays:
                weights, bias = arrays["weights"], float(arrays["bias"])
        except (ValueError, KeyError, OSError, EOFError, TypeError, zipfile.BadZipFile) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(path, "is not a quality model", cure) from error
        if weights.shape != (BUCKETS,) or not np.isfinite(weights).all():
            raise InputError(path, "is not a quality model", cure)
        return cls(weights.astype(np.float32), bias)


def buckets(document: str) -> np.ndarray:
    """Return the bucket of each n-gram of 1 to 4 characters, int64 `[n-grams]`.

    Digits count as one character. A document always has an n-gram: its ends.

    Example:
        >>> len(buckets("봄1")), bool((buckets("1") == buckets("2")).all())
        (10, True)
    """
    text = f"\n{document[:_MOST_CHARACTERS]}\n"
    units = characters.as_array(text).astype(np.uint64)  # [characters]
    units[tables.category("N")[characters.as_array(text)]] = ord("0")
    found = []
    for size in _NGRAMS:
        count = len(units) - size + 1
        if count <= 0:
            break
        rolled = np.full(count, size, np.uint64)
        for place in range(size):
            rolled = (rolled ^ units[place : place + count]) * _BASE  # modulo 2⁶⁴
        found.append(rolled >> np.uint64(64 - 18))
    return np.concatenate(found).astype(np.int64)

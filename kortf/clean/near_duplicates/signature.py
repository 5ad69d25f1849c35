"""MinHash signatures of documents, and the bands by which near duplicates find each other.

Broder 1997 (On the resemblance and containment of documents); Leskovec, Rajaraman, Ullman, Mining
of Massive Datasets, chapter 3, for bands. The library is rensa.
"""

import functools
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from kortf.clean import characters
from kortf.clean.rule import Allowed, Setting, at_least, between, one_of
from kortf.errors import InputError

NEAR_SETTINGS = (
    Setting(
        "near.threshold",
        0.0,
        "of documents that share this much (Jaccard) the first stays; 0 is off",
        Allowed("0 or 0.1 to 1", lambda value: value == 0 or 0.1 <= value <= 1),
    ),
    Setting("near.permutations", 128, "numbers in a signature", between(16, 1024)),
    Setting("near.unit", "char", "unit of a shingle: `char` or `word`", one_of("char", "word")),
    Setting("near.shingle", 5, "units in a shingle", between(1, 64)),
    Setting("near.min_chars", 100, "shorter documents are not compared", at_least(0)),
    Setting("near.seed", 1, "seed of the permutations", between(0, 2**63)),
)
_BASE = np.uint64(0x9E3779B97F4A7C15)
# Candidates are compared by their whole signatures, so a pair that is missed costs more than one
# that is compared in vain.
_FALSE_POSITIVE_WEIGHT, _FALSE_NEGATIVE_WEIGHT = 0.1, 0.9


class Signer:
    """Computes signatures and band keys.

    Args:
        values: Settings by key; those of `NEAR_SETTINGS` are used.

    Raises:
        InputError: Rensa is not installed.
    """

    def __init__(self, values: Mapping[str, Any]):
        try:
            from rensa import RMinHash
        except ImportError as error:
            cure = "pip install 'kortf[clean]', or set it to 0"
            raise InputError("--config.near.threshold", "rensa is not installed", cure) from error
        self._digest = RMinHash.digest_matrix_from_flat_token_hashes
        self._permutations = values["near.permutations"]
        self._seed = values["near.seed"]
        self._unit, self._size = values["near.unit"], values["near.shingle"]
        self._min_chars = values["near.min_chars"]
        self.bands, self._rows = best_bands(values["near.threshold"], self._permutations)

    def sign(self, documents: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """Return signatures and band keys.

        Args:
            documents: Lines with newlines between them.

        Returns:
            uint32 `[documents, permutations]` and uint64 `[documents, bands]`; both are 0 for a
            document that is too short to be compared. Documents with the same key in a band are
            candidates.
        """
        signatures = np.zeros((len(documents), self._permutations), np.uint32)
        keys = np.zeros((len(documents), self.bands), np.uint64)
        places, hashes = [], []
        for place, document in enumerate(documents):
            if len(document) >= self._min_chars:
                found = shingles(document, self._unit, self._size)
                if len(found):
                    places.append(place)
                    hashes.append(found)
        if places:
            offsets = np.cumsum([0, *map(len, hashes)]).astype(np.uint64)
            flat = np.concatenate(hashes)
            rows = self._digest(flat, offsets, self._permutations, self._seed).to_rows()
            signatures[places] = np.array(rows, np.uint32)
            keys[places] = self._keys(signatures[places])
        return signatures, keys

    def _keys(self, signatures: np.ndarray) -> np.ndarray:
        used = signatures[:, : self.bands * self._rows].astype(np.uint64)
        used = used.reshape(-1, self.bands, self._rows)  # [documents, bands, rows]
        keys = np.zeros(used.shape[:2], np.uint64)
        for row in range(self._rows):
            keys = _mixed((keys ^ used[:, :, row]) * _BASE)
        return keys | np.uint64(1)  # 0 is "not compared"


@functools.cache
def best_bands(threshold: float, permutations: int) -> tuple[int, int]:
    """Return the numbers of bands and of rows in a band with the least weighted error.

    A pair with Jaccard similarity s shares a band of r rows with probability 1 - (1 - s^r)^b. The
    error is the area of that curve below the threshold, and of its complement above.
    """
    steps = np.linspace(0, 1, 2001)
    similarity = (steps[1:] + steps[:-1]) / 2  # [steps]
    below = similarity < threshold
    best = (np.inf, 1, 1)
    for bands in range(1, permutations + 1):
        for rows in range(1, permutations // bands + 1):
            found = 1 - (1 - similarity**rows) ** bands
            error = (
                _FALSE_POSITIVE_WEIGHT * found[below].sum()
                + _FALSE_NEGATIVE_WEIGHT * (1 - found[~below]).sum()
            )
            best = min(best, (error, bands, rows))
    return best[1:]


def shingles(text: str, unit: str, size: int) -> np.ndarray:
    """Return the hashes of all shingles of a text, uint64 `[shingles]`.

    White space is skipped between characters, and separates words.

    Args:
        text: Any text.
        unit: `char` or `word`.
        size: Units in a shingle.

    Example:
        >>> len(shingles("가나다라 가나", "char", 2)), len(shingles("가 나 가 나", "word", 2))
        (5, 3)
    """
    if unit == "char":
        units = characters.as_array("".join(text.split())).astype(np.uint64)
    else:
        units = np.fromiter((zlib.crc32(word.encode()) for word in text.split()), np.uint64)
    count = len(units) - size + 1
    if count <= 0:
        return np.zeros(0, np.uint64)
    rolled = np.zeros(count, np.uint64)
    for place in range(size):
        rolled = rolled * _BASE + units[place : place + count]  # modulo 2⁶⁴
    return _mixed(rolled) * _BASE


def _mixed(values: np.ndarray) -> np.ndarray:
    return values ^ (values >> np.uint64(29))

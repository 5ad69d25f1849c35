"""MinHash signatures of documents, and the bands by which near duplicates find each other.

Broder 1997 (On the resemblance and containment of documents); Leskovec, Rajaraman, Ullman, Mining
of Massive Datasets, chapter 3, for bands. The library is datasketch.
"""

import zlib
from hashlib import blake2b

import numpy as np

from kortf.clean import characters
from kortf.clean.settings import NearSettings
from kortf.errors import InputError

_BASE = np.uint64(0x9E3779B97F4A7C15)
_LOW = np.uint64(0xFFFFFFFF)
# Candidates are compared by their whole signatures, so what is missed costs more than what is found
# in vain.
_WEIGHTS = (0.1, 0.9)


class Signer:
    """Makes signatures.

    Args:
        settings: see `NearSettings`.

    Raises:
        InputError: datasketch is not installed.
    """

    def __init__(self, settings: NearSettings):
        try:
            from datasketch import MinHash, MinHashLSH
        except ImportError as error:
            cure = "pip install 'kortf[clean]', or set it to 0"
            raise InputError(
                "--config.near.threshold", "datasketch is not installed", cure
            ) from error
        self._settings = settings
        permutations = settings.permutations
        self._empty = MinHash(permutations, seed=settings.seed, hashfunc=int, scheme="affine32")
        bands = MinHashLSH(settings.threshold, permutations, weights=_WEIGHTS)
        self.bands, self._rows = bands.b, bands.r

    def sign(self, documents: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """Signatures and band keys.

        Args:
            documents: lines with newlines between them.

        Returns:
            uint32 `[documents, permutations]` and uint64 `[documents, bands]`; both are 0 for a
            document that is too short to be compared. Documents with the same key in a band are
            candidates.
        """
        signatures = np.zeros((len(documents), self._settings.permutations), np.uint32)
        keys = np.zeros((len(documents), self.bands), np.uint64)
        for place, document in enumerate(documents):
            if len(document) < self._settings.min_chars:
                continue
            found = shingles(document, self._settings.unit, self._settings.shingle)
            if len(found) == 0:
                continue
            minima = self._empty.copy()
            minima.update_batch(found.tolist())
            signatures[place] = minima.hashvalues
            keys[place] = self._keys(signatures[place])
        return signatures, keys

    def _keys(self, signature: np.ndarray) -> np.ndarray:
        raw = signature[: self.bands * self._rows].astype("<u4").tobytes()
        size = 4 * self._rows
        digests = b"".join(
            blake2b(raw[start : start + size], digest_size=8).digest()
            for start in range(0, len(raw), size)
        )
        return np.frombuffer(digests, "<u8") | np.uint64(1)  # 0 is "not compared"


def shingles(text: str, unit: str, size: int) -> np.ndarray:
    """Hashes of all shingles of a text, each once, uint64 below 2³² `[shingles]`.

    White space is not looked at between characters, and separates words.

    Args:
        text: any.
        unit: `char` or `word`.
        size: units in a shingle.

    Example:
        >>> len(shingles("가나다라 가나", "char", 2)), len(shingles("가 나 가 나", "word", 2))
        (4, 2)
    """
    if unit == "char":
        units = characters.as_array("".join(text.split())).astype(np.uint64)
    else:
        words = (zlib.crc32(word.encode()) for word in text.split())
        units = np.fromiter(words, np.uint64)
    count = len(units) - size + 1
    if count <= 0:
        return np.zeros(0, np.uint64)
    rolled = np.zeros(count, np.uint64)
    for place in range(size):
        rolled = rolled * _BASE + units[place : place + count]  # modulo 2⁶⁴
    rolled ^= rolled >> np.uint64(29)
    return np.unique((rolled * _BASE) >> np.uint64(32) & _LOW)

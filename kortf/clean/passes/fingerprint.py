"""Fingerprints: 8-byte hashes of lines and documents."""

from hashlib import blake2b

import numpy as np

# Fingerprint of a line or document that is not compared.
NONE = 0
_BYTES = 8


def fingerprints(texts: list[str]) -> np.ndarray:
    """Return the fingerprints of texts, uint64 `[texts]`.

    Among a billion texts, two different ones share a fingerprint in 3 of 100 corpora (n² / 2⁶⁵).

    Example:
        >>> one, other, again = fingerprints(["봄", "꽃", "봄"]).tolist()
        >>> one == again, one == other
        (True, False)
    """
    digests = b"".join([blake2b(text.encode(), digest_size=_BYTES).digest() for text in texts])
    return np.frombuffer(digests, "<u8")

"""CRC-32C (Castagnoli) of many byte strings at a time, as TFRecord masks it."""

import functools

import numpy as np

_POLYNOMIAL = 0x82F63B78  # reflected
_MASK = 0xA282EAD8


def masked_crc32c(data: np.ndarray, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Return the masked checksums of parts of an array, all parts in step.

    Args:
        data: uint8 `[bytes]`.
        starts: First byte of each part, int64 `[parts]`.
        lengths: Number of bytes of each part, int64 `[parts]`.

    Returns:
        uint32 `[parts]`.

    Example: the checksum of b"123456789" is 0xE3069283, and masked 0xC7A2B5E6
    """
    order = np.argsort(-lengths, kind="stable")  # the longest first: those that end come last
    starts, lengths = starts[order], lengths[order]
    # Two bytes at a time, from any byte on.
    pairs = np.ndarray(max(len(data) - 1, 0), "<u2", np.ascontiguousarray(data), strides=(1,))
    crc = np.full(len(starts), 0xFFFFFFFF, np.uint32)
    table = _table_of_pairs()
    at = starts.copy()
    # Number of parts that have at least 1, 2, … pairs.
    halves = np.searchsorted(
        -(lengths // 2), -np.arange(1, lengths.max(initial=0) // 2 + 1), "right"
    )
    for count in halves.tolist():
        low = crc[:count]
        crc[:count] = table[(low ^ pairs[at[:count]]) & 0xFFFF] ^ (low >> 16)
        at[:count] += 2
    odd = np.flatnonzero(lengths % 2)
    low = crc[odd]
    crc[odd] = _table()[(low ^ data[at[odd]]) & 0xFF] ^ (low >> 8)
    crc = ~crc
    found = np.empty_like(crc)
    found[order] = ((crc >> 15) | (crc << 17)) + np.uint32(_MASK)
    return found


@functools.cache
def _table() -> np.ndarray:
    """Return the checksum's change by each byte, uint32 `[256]`."""
    crc = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        crc = (crc >> 1) ^ np.where(crc & 1, np.uint32(_POLYNOMIAL), np.uint32(0))
    return crc


@functools.cache
def _table_of_pairs() -> np.ndarray:
    """Return the checksum's change by each two bytes, uint32 `[65536]`."""
    first = np.arange(1 << 16, dtype=np.uint32)
    table = _table()
    crc = table[first & 0xFF] ^ (first >> 8)
    return table[crc & 0xFF] ^ (crc >> 8)

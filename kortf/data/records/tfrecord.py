"""Find the record at which a TFRecord file breaks."""

import struct
from collections.abc import Iterator

import numpy as np

from kortf import files
from kortf.data.records.crc32c import masked_crc32c

_HEADER = struct.Struct("<QI")  # length of the record, checksum of the length
_AROUND = 16  # bytes of a record besides its data
_READ_BYTES = 1 << 20


def find_wrong_length(path: str) -> tuple[int, str] | None:
    """Follow the lengths of the records of a local file without reading their data.

    Args:
        path: The TFRecord file; a remote one is not read, which would download it.

    Returns:
        The number of the record, from 0, whose length leads out of the file, and the problem; None
        if there is none.

    Example: a file that begins with the length 2^40 -> `(0, "the file ends inside it")`
    """
    if files.is_remote(path):
        return None
    wrong = next((number for number, _, _, end in _walk(path) if end > files.size(path)), None)
    if wrong is None:
        return None
    # A damaged length may lead to a place inside of the file: the first wrong checksum tells.
    for number, length, checksum, _ in _walk(path):
        if _length_checksum(length) != checksum:
            return number, "its checksum is wrong"
    return wrong, "the file ends inside it"


def _walk(path: str) -> Iterator[tuple[int, int, int, int]]:
    """Yield number, length, checksum of the length and end of each record of a local file."""
    size, at, number = files.size(path), 0, 0
    with files.open_file(path) as file:
        buffer, start = b"", 0
        while at < size:
            if at + _HEADER.size > start + len(buffer):
                file.seek(at)
                buffer, start = file.read(_READ_BYTES), at
            if len(buffer) < _HEADER.size:  # the file ends inside of the length
                length, checksum = size, _length_checksum(size)
            else:
                length, checksum = _HEADER.unpack_from(buffer, at - start)
            at += length + _AROUND
            yield number, length, checksum, at
            number += 1


def _length_checksum(length: int) -> int:
    data = np.frombuffer(length.to_bytes(8, "little"), np.uint8)
    return int(masked_crc32c(data, np.array([0]), np.array([8]))[0])


def find_corruption(path: str) -> tuple[int, str] | None:
    """Read a TFRecord file to its end and find the record at which it breaks.

    Returns:
        The number of the broken record, from 0, and the problem; None for a whole file.
    """
    import tensorflow as tf  # here: the schema and records.json are read without it

    wrong_length = find_wrong_length(path)
    if wrong_length is not None:
        return wrong_length
    number = 0
    try:
        for _ in tf.data.TFRecordDataset(path):
            number += 1
    except tf.errors.DataLossError as error:
        truncated = "truncated" in error.message
        return number, "the file ends inside it" if truncated else "its checksum is wrong"
    if number == 0 and files.size(path) > 0:
        return 0, "the file ends inside it"
    return None

"""Turn records into the bytes of a TFRecord file, many records at a time."""

from collections.abc import Sequence

import numpy as np

from kortf.data.records.crc32c import masked_crc32c
from kortf.data.records.record import Record

_BEFORE, _BEHIND = 12, 4  # bytes of a TFRecord before its data and behind
# Tags of protocol buffers: field 1, 2 or 3, of which the length follows.
_FIELD_1, _FIELD_2, _FIELD_3 = 0x0A, 0x12, 0x1A


def tfrecord_bytes(records: Sequence[Record]) -> bytes:
    """Return TFRecords, each with a `tf.train.Example`.

    All that an `Example` consists of are whole numbers in the variable-length code of protocol
    buffers: tags and letters take one byte in it. So the numbers of all records are gathered first,
    and then coded at once.

    Args:
        records: Records, either all of them with a `pair_label` or none.

    Example: two tokens, 2 and 300, without pairing
        >>> tfrecord_bytes([Record(np.array([2, 300]), [2])])[-9:-4].hex(" ")
        '0a 03 02 ac 02'
    """
    if not records:
        return b""
    numbers, counts = _example(records)
    data, ends = _code(numbers, np.cumsum(counts))
    starts = np.concatenate([[0], ends[:-1]]) + _BEFORE
    lengths = ends - _BEHIND - starts  # bytes of each record
    _put(data, starts - _BEFORE, lengths.astype("<u8"))
    _put(data, starts - 4, masked_crc32c(data, starts - _BEFORE, np.full(len(records), 8)))
    _put(data, ends - _BEHIND, masked_crc32c(data, starts, lengths))
    return data.tobytes()


def _example(records: Sequence[Record]) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of an `Example` of each record, in a frame of zeros.

    Returns:
        The numbers of all records in a row, int32 `[numbers]`, and how many each record has, int64
        `[records]`.
    """
    features = {
        "lengths": [record.lengths for record in records],
        "token_ids": [record.token_ids for record in records],
    }
    if records[0].pair_label is not None:
        features["pair_label"] = [[record.pair_label] for record in records]
    parts, size = [], np.zeros(len(records), np.int64)
    for name in sorted(features):  # maps have no order, and equal records must be equal bytes
        values = np.concatenate(features[name]).astype(np.int32)
        counts = np.array([len(row) for row in features[name]])
        head, bytes_ = _head_of_entry(name, values, counts)
        parts += [(head.reshape(-1), np.full(len(records), head.shape[1])), (values, counts)]
        size += bytes_
    zeros = np.zeros(len(records), np.int32)
    head = np.stack([*[zeros] * _BEFORE, zeros + _FIELD_1, size], axis=1)
    tail = np.stack([zeros] * _BEHIND, axis=1)
    parts = [(head.reshape(-1), zeros + head.shape[1]), *parts]
    return _side_by_side([*parts, (tail.reshape(-1), zeros + tail.shape[1])])


def _head_of_entry(
    name: str, values: np.ndarray, counts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the header of one feature: the numbers before its values.

    Args:
        name: Name of the feature.
        values: Values of all records in a row, int32 `[values]`.
        counts: Number of values of each record, at least 1, int64 `[records]`.

    Returns:
        The numbers int64 `[records, n]`, and the bytes of each record's whole entry, int64
        `[records]`.
    """
    size = np.add.reduceat(_coded_sizes(values), np.cumsum(counts) - counts)
    columns: list = []
    for tag in (_FIELD_1, _FIELD_3, _FIELD_2):  # values of a list, the list of a feature, a feature
        columns = [tag, size, *columns]
        size = size + 1 + _coded_sizes(size)
    key = [_FIELD_1, len(name), *name.encode()]
    size = size + len(key)
    columns = [_FIELD_1, size, *key, *columns]
    head = np.stack([np.broadcast_to(column, counts.shape) for column in columns], axis=1)
    return head, size + 1 + _coded_sizes(size)


def _side_by_side(
    parts: Sequence[tuple[np.ndarray, np.ndarray]],
) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of the first part, the second, … of each record, and their counts."""
    total = sum(counts for _, counts in parts)
    begin = np.cumsum(total) - total
    joined = np.empty(total.sum(), np.int32)
    for numbers, counts in parts:
        shift = begin - (np.cumsum(counts) - counts)
        joined[np.arange(len(numbers)) + np.repeat(shift, counts)] = numbers
        begin = begin + counts
    return joined, total


def _coded_sizes(numbers: np.ndarray) -> np.ndarray:
    """Return the bytes of each number: seven bits a byte."""
    sizes = np.ones(len(numbers), np.int64)
    bits = 7
    while (longer := numbers >> bits > 0).any():
        sizes += longer
        bits += 7
    return sizes


def _code(numbers: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the bytes of numbers, the lowest seven bits first, and where records end in them.

    Args:
        numbers: int32 `[numbers]`, at least 0.
        ends: Number of numbers up to the end of each record, int64 `[records]`.

    Returns:
        uint8 `[bytes]`, and int64 `[records]`.
    """
    sizes = _coded_sizes(numbers)
    stops = np.cumsum(sizes)
    coded = np.empty(stops[-1], np.uint8)
    places = stops - sizes
    while len(numbers):
        longer = numbers > 0x7F
        coded[places] = (numbers & 0x7F) | (longer * np.uint8(0x80))
        rest = np.flatnonzero(longer)
        numbers, places = numbers[rest] >> 7, places[rest] + 1
    return coded, stops[ends - 1]


def _put(out: np.ndarray, places: np.ndarray, values: np.ndarray) -> None:
    """Write the bytes of each value at its place."""
    width = values.itemsize
    out[places[:, None] + np.arange(width)] = values.view(np.uint8).reshape(-1, width)

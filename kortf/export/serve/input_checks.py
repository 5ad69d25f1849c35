"""Check the arrays of a request before a model computes them."""

import numpy as np

from kortf.export.options import FEATURES
from kortf.export.serve.batcher import Limits
from kortf.export.serve.errors import RequestError
from kortf.export.serve.loaded_model import Arrays, Signature


def check_inputs(arrays: Arrays, signature: Signature, description: dict, limits: Limits) -> None:
    """Refuse inputs that the model would fail on, or that are too many.

    Raises:
        RequestError: There is no row, too many rows, unequal numbers of rows, or a token id that
            the model does not have, with the field.
    """
    _check_rows(arrays, limits)
    if set(signature.inputs) == set(FEATURES):
        _check_ids(arrays, description)


def _check_rows(arrays: Arrays, limits: Limits) -> None:
    counts = {name: len(array) for name, array in arrays.items()}
    first, count = next(iter(counts.items()))
    for name, other in counts.items():
        if other != count:
            raise RequestError(f"{name}: {other} rows where {first} has {count}")
    if not count:
        raise RequestError(f"{first}: no rows")
    if count > limits.max_rows:
        raise RequestError(f"{first}: {count} rows; at most {limits.max_rows} a request")


def _check_ids(arrays: Arrays, description: dict) -> None:
    """Check the inputs of the signature `tokens`."""
    shape = arrays[FEATURES[0]].shape
    for name in FEATURES[1:]:
        if arrays[name].shape != shape:
            told = f"shape {list(arrays[name].shape)}, expected that of {FEATURES[0]}"
            raise RequestError(f"{name}: {told}, {list(shape)}")
    if not shape[1]:
        raise RequestError(f"{FEATURES[0]}: rows of no tokens")
    most = description.get("max_length")
    if most is not None and shape[1] > most:
        raise RequestError(f"{FEATURES[0]}: {shape[1]} tokens a row; at most {most}")
    sizes = {"token_ids": "vocabulary_size", "segment_ids": "num_segments"}
    for name, key in sizes.items():
        size = description.get(key)
        values = arrays[name]
        bad = values < 0
        if size:
            bad |= values >= size
        if bad.any():
            row, place = np.argwhere(bad)[0]
            limit = f" to {size - 1}" if size else ""
            raise RequestError(f"{name}[{row}][{place}]: expected a number from 0{limit}")

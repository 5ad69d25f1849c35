"""Read a file of vectors block by block."""

import contextlib
import os
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from kortf import files
from kortf.errors import InputError
from kortf.lines import read_lines
from kortf.strict_json import parse_json
from kortf.vectors.formats import EMBEDDING, JSON_ENDINGS, TEXT

_BYTES = 32 << 20
_LINES = 4096
_CURE = "name a file that kortf embed wrote (.npy, .parquet, .jsonl)"


class Block(NamedTuple):
    """Consecutive rows: float32 `[rows, dim]`, and their texts if the file has them."""

    vectors: np.ndarray
    texts: list[str] | None


def read_vectors(path: str) -> Iterator[Block]:
    """Read a `.npy`, `.parquet` or `.jsonl` file of vectors.

    Raises:
        InputError: The file is missing, is of another form, or two of its rows differ in size.
    """
    if not files.exists(path):
        raise InputError(path, "no such file", _CURE)
    ending = os.path.splitext(path)[1].lower()
    if ending == ".npy":
        return _read_npy(path)
    if ending == ".parquet":
        return _read_parquet(path)
    if ending in JSON_ENDINGS:
        return _read_json_lines(path)
    raise InputError(path, f"{ending} is not a format of vectors", _CURE)


def _read_npy(path: str) -> Iterator[Block]:
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except Exception as error:  # a broken header raises almost anything
        raise InputError(path, f"not a whole .npy file ({error})", _CURE) from error
    if not isinstance(array, np.ndarray) or array.ndim != 2 or array.dtype.kind != "f":
        found = f"{array.dtype} {list(array.shape)}" if isinstance(array, np.ndarray) else "others"
        problem = f"an array of float [rows, dim] is expected, got {found}"
        raise InputError(path, problem, _CURE)
    step = max(1, _BYTES // (4 * max(array.shape[1], 1)))
    for begin in range(0, len(array), step):
        yield Block(np.asarray(array[begin : begin + step], np.float32), None)


def _read_parquet(path: str) -> Iterator[Block]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise InputError(path, "pyarrow is missing", "pip install 'kortf[tables]'") from error
    with _blaming_parquet(path):
        file = pyarrow.parquet.ParquetFile(path)
        names = file.schema_arrow.names
    dim, number = None, 0
    if EMBEDDING not in names:
        raise InputError(path, f"has no column {EMBEDDING} ({', '.join(names)[:200]})", _CURE)
    columns = [name for name in (EMBEDDING, TEXT) if name in names]
    batches = file.iter_batches(_LINES, columns=columns)
    while True:
        with _blaming_parquet(path):
            batch = next(batches, None)
        if batch is None:
            return
        column = batch.column(EMBEDDING)
        vectors = None
        with contextlib.suppress(ValueError, AttributeError, pyarrow.ArrowException):
            flat = column.flatten().to_numpy(zero_copy_only=False).astype(np.float32)
            vectors = flat.reshape(len(column), -1)
        place = f"{path}, rows from {number + 1}"
        if vectors is None or column.null_count or dim not in (None, vectors.shape[1]):
            raise InputError(
                place, f"{EMBEDDING} is not a list of {dim or 'as many'} numbers", _CURE
            )
        dim, number = vectors.shape[1], number + len(vectors)
        yield Block(vectors, batch.column(TEXT).to_pylist() if TEXT in names else None)


@contextlib.contextmanager
def _blaming_parquet(path: str) -> Iterator[None]:
    import pyarrow

    try:
        yield
    except (pyarrow.ArrowException, OSError) as error:
        raise InputError(path, f"not a whole parquet file ({error})", _CURE) from error


def _read_json_lines(path: str) -> Iterator[Block]:
    vectors, texts, dim = [], [], None
    for place, line in read_lines(path):
        if isinstance(line, InputError):
            raise line
        row = parse_json(line, place, _CURE)
        vector = row.get(EMBEDDING) if isinstance(row, dict) else None
        numbers = isinstance(vector, list) and all(type(v) in (int, float) for v in vector)
        try:
            vector = np.array(vector, np.float32) if numbers and vector else None
        except OverflowError:  # a whole number beyond all floats
            vector = None
        if vector is None:
            raise InputError(place, f"not an object with {EMBEDDING}, a list of numbers", _CURE)
        if dim not in (None, len(vector)):
            raise InputError(place, f"{len(vector)} numbers where row 1 has {dim}", _CURE)
        dim = len(vector)
        vectors.append(vector)
        texts.append(row.get(TEXT))
        if len(vectors) == _LINES:
            yield _block(vectors, texts)
            vectors, texts = [], []
    if vectors:
        yield _block(vectors, texts)


def _block(vectors: list, texts: list) -> Block:
    held = all(isinstance(text, str) for text in texts)
    return Block(np.stack(vectors), texts if held else None)

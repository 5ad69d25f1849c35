"""Formats of a file of vectors: how a part is appended, and how the file is finished."""

import abc
import json
import os
from collections.abc import Sequence

import numpy as np

from kortf import files
from kortf.errors import InputError

TEXT, EMBEDDING = "text", "embedding"
JSON_ENDINGS = (".jsonl", ".ndjson", ".json", ".txt", "")
_HEADER_BYTES = 128
_DIGITS = 6


class VectorFormat(abc.ABC):
    """Bytes of a file of vectors.

    Args:
        dim: Number of dimensions of a vector.
    """

    def __init__(self, dim: int):
        self.dim = dim

    def begin(self) -> bytes:
        """Return the bytes before the first part."""
        return b""

    @abc.abstractmethod
    def pack(self, texts: Sequence[str], vectors: np.ndarray) -> bytes:
        """Return the bytes of some rows."""

    def finish(self, part: str, path: str, rows: int) -> None:
        """Turn the file of all parts into `path`.

        Args:
            part: Path of the file of all parts.
            path: Path of the file to make.
            rows: Number of rows in it.
        """
        files.rename(part, path)


class JsonLines(VectorFormat):
    """One object a line, with `text` and `embedding`."""

    def pack(self, texts: Sequence[str], vectors: np.ndarray) -> bytes:
        lines = [
            json.dumps(
                {TEXT: text, EMBEDDING: [round(value, _DIGITS) for value in vector]},
                ensure_ascii=False,
            )
            for text, vector in zip(texts, vectors.tolist(), strict=True)
        ]
        return "".join(line + "\n" for line in lines).encode()


class Npy(VectorFormat):
    """A NumPy array, float32 `[rows, dim]`; the header is of fixed size and is written last."""

    def begin(self) -> bytes:
        return self._header(0)

    def pack(self, texts: Sequence[str], vectors: np.ndarray) -> bytes:
        return np.ascontiguousarray(vectors, "<f4").tobytes()

    def finish(self, part: str, path: str, rows: int) -> None:
        with open(part, "r+b") as file:
            file.write(self._header(rows))
            file.flush()
            os.fsync(file.fileno())
        files.rename(part, path)

    def _header(self, rows: int) -> bytes:
        magic = b"\x93NUMPY\x01\x00"
        size = _HEADER_BYTES - len(magic) - 2
        text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {self.dim}), }}"
        return magic + size.to_bytes(2, "little") + text.ljust(size - 1).encode() + b"\n"


class Parquet(VectorFormat):
    """A parquet file with the columns `text` and `embedding`; its parts are Arrow batches."""

    def __init__(self, dim: int):
        super().__init__(dim)
        import pyarrow

        vector = pyarrow.list_(pyarrow.float32(), dim)
        self._schema = pyarrow.schema([(TEXT, pyarrow.string()), (EMBEDDING, vector)])

    def begin(self) -> bytes:
        return self._schema.serialize().to_pybytes()

    def pack(self, texts: Sequence[str], vectors: np.ndarray) -> bytes:
        import pyarrow

        flat = pyarrow.array(np.ascontiguousarray(vectors, np.float32).ravel())
        column = pyarrow.FixedSizeListArray.from_arrays(flat, self.dim)
        columns = [pyarrow.array(texts, pyarrow.string()), column]
        batch = pyarrow.record_batch(columns, schema=self._schema)
        return batch.serialize().to_pybytes()

    def finish(self, part: str, path: str, rows: int) -> None:
        import pyarrow
        import pyarrow.parquet

        with files.write_beside(path, "wb") as target, open(part, "rb") as source:
            with pyarrow.parquet.ParquetWriter(target, self._schema) as writer:
                for batch in pyarrow.ipc.open_stream(source):
                    writer.write_batch(batch)
        files.remove(part)


def format_of(path: str) -> type[VectorFormat]:
    """Return the format that the ending of a path names.

    Raises:
        InputError: The ending is of another format, or pyarrow is missing.
    """
    ending = os.path.splitext(path)[1].lower()
    if ending in JSON_ENDINGS:
        return JsonLines
    if ending == ".npy":
        return Npy
    if ending != ".parquet":
        cure = "name a file that ends in .npy, .parquet or .jsonl"
        raise InputError(path, f"vectors are not written as {ending}", cure)
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError as error:
        raise InputError(path, "pyarrow is missing", "pip install 'kortf[tables]'") from error
    return Parquet

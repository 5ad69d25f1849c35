"""A served function of strings in Python, around an engine that takes arrays.

The graph of `Served` calls such an engine back from TensorFlow; for one short text its operations
took as long as the encoder of 6 layers. Here Python tokenizes and sorts the rows, and the engine
computes the head as well. Measured by `benchmarks/serving.py`.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from kortf.export.encoders.encoding import ROWS_AT_ONCE
from kortf.export.encoders.openvino_encoder import OpenVinoEncoder
from kortf.text.tokenizer.lines.line_rows import LineRows, Row


class DirectFunction:
    """Answers rows of texts as the graph of the same signature does.

    Args:
        encoder: Encoder and head of the model.
        rows: Encodes texts as rows.
        pad_id: Id of the padding.
        names: Names that an answer of the head numbers, by answer.
    """

    def __init__(
        self,
        encoder: OpenVinoEncoder,
        rows: LineRows,
        pad_id: int,
        names: Mapping[str, Sequence[str]] | None = None,
    ):
        self._encoder, self._rows, self._pad_id = encoder, rows, pad_id
        # Bytes, as TensorFlow gives strings.
        self._names = {
            answer: np.array([name.encode() for name in known], object)
            for answer, known in (names or {}).items()
        }

    def __call__(self, *columns: Sequence[str | bytes]) -> dict[str, np.ndarray]:
        """Answer texts, one column for each input of the model.

        Returns:
            Arrays `[batch, …]` by name.
        """
        if not len(columns[0]):
            return {name: value[:0] for name, value in self(*[[""]] * len(columns)).items()}
        rows = self._rows([[_text(value) for value in column] for column in columns])
        if len(rows) == 1:  # most requests
            return self._answer(rows)
        order = sorted(range(len(rows)), key=lambda i: len(rows[i][0]))
        parts = [
            self._answer([rows[i] for i in order[begin : begin + ROWS_AT_ONCE]])
            for begin in range(0, len(order), ROWS_AT_ONCE)
        ]
        back = np.argsort(order)
        return {name: np.concatenate([part[name] for part in parts])[back] for name in parts[0]}

    def _answer(self, rows: list[Row]) -> dict[str, np.ndarray]:
        found = self._encoder.answer(*self._padded(rows))
        return found | {answer: names[found[answer]] for answer, names in self._names.items()}

    def _padded(self, rows: list[Row]) -> list[np.ndarray]:
        """Return token ids, segment ids and padding mask, int32 `[rows, longest]`."""
        shape = len(rows), self._encoder.width(max(len(ids) for ids, _ in rows))
        ids = np.full(shape, self._pad_id, np.int32)
        segments, mask = np.zeros(shape, np.int32), np.zeros(shape, np.int32)
        for i, row in enumerate(rows):
            length = len(row[0])
            ids[i, :length], segments[i, :length] = row
            mask[i, :length] = 1
        return [ids, segments, mask]


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("utf-8", "replace")

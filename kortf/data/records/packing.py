"""Pack documents into records without pairing: short ones together, long ones in parts."""

import numpy as np

from kortf.data.records.cutting import Cutter
from kortf.data.records.record import Record
from kortf.data.records.token_block import TokenBlock

SPECIAL_TOKENS = 2  # [CLS] … [SEP]
_OPEN_RECORDS = 64


class Packer:
    """Fill records of `seq_length` tokens with chunks `[CLS] … [SEP]`, with little padding.

    Documents longer than a record are cut into chunks (see `Cutter`). Each chunk goes into the open
    record that it fills best; some hundred are open at a time, so memory is bounded.

    Args:
        seq_length: Greatest number of tokens in a record.
        cls_id: Id of [CLS].
        sep_id: Id of [SEP].
        cutter: Cuts long documents.
    """

    def __init__(self, seq_length: int, cls_id: int, sep_id: int, cutter: Cutter):
        self._seq_length = seq_length
        self._cls = np.array([cls_id], dtype=np.int32)
        self._sep = np.array([sep_id], dtype=np.int32)
        self._cutter = cutter
        # Open records by the room that is left in them; bit r of `_rooms`: some have room r.
        self._open: list[list[list[np.ndarray]]] = [[] for _ in range(seq_length + 1)]
        self._rooms = 0
        self._count = 0

    def add(self, block: TokenBlock, rng: np.random.Generator) -> list[Record]:
        """Pack the documents of a block in random order.

        Returns:
            The full records; open records wait for more documents.

        Example, `seq_length=8`, [CLS] = 2, [SEP] = 3: the documents `[11, 12, 13]` and `[14]` give
            `Record([2, 11, 12, 13, 3, 2, 14, 3], [5, 3])` or, as the order is drawn,
            `Record([2, 14, 3, 2, 11, 12, 13, 3], [3, 5])`
        """
        bounds = block.sentence_splits[block.document_splits]
        most = self._seq_length - SPECIAL_TOKENS
        starts, ends = self._cutter.cut(block, bounds[:-1], bounds[1:], most)
        order = rng.permutation(len(starts))
        records = []
        ids = block.ids
        for start, end in zip(starts[order].tolist(), ends[order].tolist(), strict=True):
            # Copied, or an open record would hold the whole block in memory.
            full = self._place(ids[start:end].copy())
            if full is not None:
                records.append(self._record(full))
        return [records[i] for i in rng.permutation(len(records))]

    def flush(self) -> list[Record]:
        """The records that are still open, their chunks put together anew, the longest first."""
        chunks = [chunk for record in self._take_all() for chunk in record]
        chunks.sort(key=len, reverse=True)
        records = [full for chunk in chunks if (full := self._place(chunk)) is not None]
        return [self._record(record) for record in records + self._take_all()]

    def _take_all(self) -> list[list[np.ndarray]]:
        taken = [record for records in self._open for record in records]
        self._open = [[] for _ in self._open]
        self._rooms = self._count = 0
        return taken

    def _place(self, chunk: np.ndarray) -> list[np.ndarray] | None:
        """Put a chunk where it fits best; return the chunks of a record that is to be closed."""
        size = len(chunk) + SPECIAL_TOKENS
        fitting = self._rooms >> size
        if fitting:
            room = size + (fitting & -fitting).bit_length() - 1
            chunks = self._take(room)
            chunks.append(chunk)
        else:
            room, chunks = self._seq_length, [chunk]
        room -= size
        if room <= SPECIAL_TOKENS:
            return chunks
        self._open[room].append(chunks)
        self._rooms |= 1 << room
        self._count += 1
        if self._count <= _OPEN_RECORDS:
            return None
        return self._take((self._rooms & -self._rooms).bit_length() - 1)

    def _take(self, room: int) -> list[np.ndarray]:
        chunks = self._open[room].pop()
        if not self._open[room]:
            self._rooms &= ~(1 << room)
        self._count -= 1
        return chunks

    def _record(self, chunks: list[np.ndarray]) -> Record:
        parts = []
        for chunk in chunks:
            parts += (self._cls, chunk, self._sep)
        return Record(np.concatenate(parts), [len(chunk) + SPECIAL_TOKENS for chunk in chunks])

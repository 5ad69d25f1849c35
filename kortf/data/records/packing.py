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
        self._cls_id, self._sep_id = cls_id, sep_id
        self._cutter = cutter
        # Chunks that wait in open records: their tokens, and the end of each among them.
        self._ids = np.zeros(0, np.int32)
        self._ends = np.zeros(0, np.int64)
        # Numbers of the chunks of open records, by the room that is left in them; bit r of
        # `_rooms`: some have room r.
        self._open: list[list[list[int]]] = [[] for _ in range(seq_length + 1)]
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
        waiting = len(self._ends)
        ids = np.concatenate([self._ids, block.ids])
        ends = np.concatenate([self._ends, ends + len(self._ids)])
        starts = np.concatenate([self._starts(), starts + len(self._ids)])
        full = self._place((order + waiting).tolist(), (ends - starts)[order + waiting].tolist())
        records = self._records(full, ids, starts, ends)
        self._keep_open(ids, starts, ends)
        return [records[i] for i in rng.permutation(len(records))]

    def flush(self) -> list[Record]:
        """The records that are still open, their chunks put together anew, the longest first."""
        chunks = [chunk for record in self._take_all() for chunk in record]
        starts, sizes = self._starts(), self._ends - self._starts()
        chunks.sort(key=lambda chunk: -sizes[chunk])
        full = self._place(chunks, sizes[chunks].tolist()) + self._take_all()
        return self._records(full, self._ids, starts, self._ends)

    def _starts(self) -> np.ndarray:
        return np.concatenate([np.zeros(1, np.int64), self._ends])[:-1]

    def _take_all(self) -> list[list[int]]:
        taken = [record for records in self._open for record in records]
        self._open = [[] for _ in self._open]
        self._rooms = self._count = 0
        return taken

    def _keep_open(self, ids: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> None:
        """Copy the chunks of open records, or they would hold the whole block in memory."""
        parts, number = [np.zeros(0, np.int32)], 0
        for records in self._open:
            for record in records:
                parts += [ids[starts[chunk] : ends[chunk]] for chunk in record]
                record[:] = range(number, number + len(record))
                number += len(record)
        self._ids = np.concatenate(parts)
        self._ends = np.cumsum([len(part) for part in parts[1:]], dtype=np.int64)

    def _place(self, chunks: list[int], sizes: list[int]) -> list[list[int]]:
        """Put each chunk where it fits best; return the chunks of the records that are closed."""
        closed = []
        for chunk, size in zip(chunks, sizes, strict=True):
            size += SPECIAL_TOKENS
            fitting = self._rooms >> size
            if fitting:
                room = size + (fitting & -fitting).bit_length() - 1
                record = self._take(room)
                record.append(chunk)
            else:
                room, record = self._seq_length, [chunk]
            room -= size
            if room <= SPECIAL_TOKENS:
                closed.append(record)
                continue
            self._open[room].append(record)
            self._rooms |= 1 << room
            self._count += 1
            if self._count > _OPEN_RECORDS:
                closed.append(self._take((self._rooms & -self._rooms).bit_length() - 1))
        return closed

    def _take(self, room: int) -> list[int]:
        record = self._open[room].pop()
        if not self._open[room]:
            self._rooms &= ~(1 << room)
        self._count -= 1
        return record

    def _records(
        self, packed: list[list[int]], ids: np.ndarray, starts: np.ndarray, ends: np.ndarray
    ) -> list[Record]:
        """Return records of the given chunks.

        Args:
            packed: Numbers of the chunks of each record.
            ids: Tokens of all chunks.
            starts: First token of each chunk.
            ends: Token behind the last one of each chunk.
        """
        chunks = np.array([chunk for record in packed for chunk in record], np.int64)
        sizes = ends[chunks] - starts[chunks] + SPECIAL_TOKENS
        stops = np.cumsum(sizes)
        begins = stops - sizes
        # The token before each chunk and the one behind it become [CLS] and [SEP].
        shift = np.repeat(starts[chunks] - 1 - begins, sizes)
        tokens = ids.take(np.arange(len(shift)) + shift, mode="clip")
        tokens[begins], tokens[stops - 1] = self._cls_id, self._sep_id
        splits = np.cumsum([0, *map(len, packed)])  # chunks before each record
        bounds = np.concatenate([[0], stops])[splits].tolist()
        lengths = sizes.tolist()
        return [
            Record(tokens[bounds[i] : bounds[i + 1]], lengths[splits[i] : splits[i + 1]])
            for i in range(len(packed))
        ]

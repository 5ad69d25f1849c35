"""Make one shard: read its pieces, tokenize, pack or pair, and write."""

import os
import random
import uuid
import zlib
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import numpy as np

from kortf import files
from kortf.data.corpus.text_file import TextFile
from kortf.data.reader import BadRows
from kortf.data.records.cutting import Cutter
from kortf.data.records.packing import Packer
from kortf.data.records.pairing import Pairer
from kortf.data.records.plan import Piece, RecordsSettings
from kortf.data.records.record import Record
from kortf.data.records.record_bytes import tfrecord_bytes
from kortf.data.records.records import shard_name
from kortf.data.records.shard_counts import ShardCounts
from kortf.data.records.token_block import TokenBlock
from kortf.text.sentences import split_sentences
from kortf.text.tokenizer.lines.line_tokenizer import line_tokenizer
from kortf.text.tokenizer.unknown import UnknownCounter
from kortf.text.unicode.removal import Removal
from kortf.text.vocabulary.vocabulary import Vocabulary

# Bytes of text within which documents are mixed: a few random pieces of the corpus.
_MIXED_BYTES = 8 << 20
# Records that are turned into bytes at a time.
_WRITTEN_RECORDS = 4096
# A shard is a random part of the corpus: this many pieces estimate the share of [UNK].
_PIECES_TO_JUDGE = 200_000


class ShardBuilder:
    """Make shards.

    Args:
        text_files: All files of the plan.
        vocabulary: Vocabulary of the tokenizer.
        settings: Settings of the records.
        directory: Output directory of shards and sidecars.
        key: Hash of everything that the records depend on.
        advance: Called with (bytes, documents, tokens) from time to time.
        allow_unknown: Whether more than half of the pieces may be [UNK].
    """

    def __init__(
        self,
        text_files: list[TextFile],
        vocabulary: Vocabulary,
        settings: RecordsSettings,
        directory: str,
        key: str,
        advance: Callable[[int, int, int], None],
        allow_unknown: bool = False,
    ):
        self._files = text_files
        self._vocabulary = vocabulary
        self._settings = settings
        self._directory = directory
        self._key = key
        self._advance = advance
        self._allow_unknown = allow_unknown
        self._cutter = Cutter.for_vocabulary(self._vocabulary)
        self._tokenize = line_tokenizer(vocabulary)

    def is_done(self, index: int) -> bool:
        """Return whether shard number `index` and its sidecar are there."""
        return ShardCounts.read(self._directory, index, self._settings.shards) is not None

    def build(self, index: int, pieces: list[Piece]) -> None:
        """Make shard number `index`, with its sidecar; both are written atomically."""
        counts = ShardCounts(self._key)
        self._removal = Removal(self._vocabulary.remove)
        self._unknown = UnknownCounter(self._vocabulary)
        self._bad_rows = BadRows(any(file.skip_bad_rows for file in self._files))
        name = shard_name(index, self._settings.shards)
        path = os.path.join(self._directory, name)
        # Two machines may make the same shard at a time, with the same process id.
        beside = os.path.join(self._directory, f".{name}.{uuid.uuid4().hex}.tmp")
        try:
            with files.open_file(beside, "wb") as out:
                for records in self._records(index, pieces, counts):
                    data = tfrecord_bytes(records)
                    out.write(data)
                    counts.bytes += len(data)
                    counts.crc32 = zlib.crc32(data, counts.crc32)
                    counts.records += len(records)
                    counts.tokens += sum(len(record.token_ids) for record in records)
                    counts.positive += sum(record.pair_label or 0 for record in records)
            if self._vocabulary.remove:
                counts.characters = self._removal.characters
                counts.removed = dict(self._removal.removed)
            counts.unknown = self._unknown.report()
            counts.bad_rows = self._bad_rows.to_json()
            if not files.is_remote(beside):
                _flush_to_disk(beside)
            # Before the shard: no shard has its name without a sidecar; read() checks the pair.
            counts.write(self._directory, index, self._settings.shards)
            files.rename(beside, path)
        except BaseException:
            files.remove(beside)
            raise

    def _records(
        self, index: int, pieces: list[Piece], counts: ShardCounts
    ) -> Iterator[list[Record]]:
        """Yield some records at a time."""
        for records in self._made(index, pieces, counts):
            for start in range(0, len(records), _WRITTEN_RECORDS):
                yield records[start : start + _WRITTEN_RECORDS]

    def _made(self, index: int, pieces: list[Piece], counts: ShardCounts) -> Iterator[list[Record]]:
        settings, vocabulary = self._settings, self._vocabulary
        arguments = (settings.seq_length, vocabulary.cls_id, vocabulary.sep_id, self._cutter)
        if settings.pairing == "none":
            packer = Packer(*arguments)
            rng = np.random.default_rng([settings.seed, 1, index])
            for block in self._blocks(pieces, counts):
                yield packer.add(block, rng)
            yield packer.flush()
            return
        pairer = Pairer(settings.pairing, *arguments, vocabulary.pair_layout)
        draws = random.Random(f"{settings.seed} {index}")
        for block in self._blocks(pieces, counts):
            records, single = pairer.make(block, draws)
            counts.leave_out("of one sentence", single)
            counts.documents -= single
            yield records

    def _blocks(self, pieces: list[Piece], counts: ShardCounts) -> Iterator[TokenBlock]:
        """Yield the tokens of some pieces at a time."""
        lines: list[str] = []
        sizes: list[int] = []  # lines, or sentences, of each document
        size = 0
        for piece in pieces:
            self._gather(piece, lines, sizes, counts)
            size += piece.end - piece.start
            if size >= _MIXED_BYTES or piece is pieces[-1]:
                yield self._tokenized(lines, sizes, counts, size)
                lines, sizes, size = [], [], 0

    def _gather(
        self, piece: Piece, lines: list[str], sizes: list[int], counts: ShardCounts
    ) -> None:
        """Append the lines or sentences of the documents of a piece, and how many each has."""
        for document in self._read(piece):
            if self._settings.min_chars and sum(map(len, document)) < self._settings.min_chars:
                counts.leave_out(f"under {self._settings.min_chars} characters")
                continue
            if self._settings.pairing != "none":
                document = [sentence for line in document for sentence in split_sentences(line)]
            if self._vocabulary.remove:
                for line in document:
                    self._removal.remove(line)  # to count: the tokenizer removes on its own
            lines += document
            sizes.append(len(document))

    def _tokenized(
        self, lines: list[str], sizes: list[int], counts: ShardCounts, size: int
    ) -> TokenBlock:
        """Return the tokens of documents, read from `size` bytes of text."""
        ids, lengths = self._tokenize(lines)
        self._count_unknown(ids, lengths, lines)
        counts.documents += len(sizes)
        counts.sentences += len(lines)
        self._advance(size, len(sizes), len(ids))
        return TokenBlock(ids, _splits(lengths), _splits(np.array(sizes, np.int64)))

    def _count_unknown(self, ids: np.ndarray, lengths: np.ndarray, texts: list[str]) -> None:
        """Count [UNK] among the pieces, and refuse a wrong vocabulary as soon as it shows."""
        self._unknown.add(SimpleNamespace(flat_values=ids, row_splits=_splits(lengths)), texts)
        if self._unknown.pieces >= _PIECES_TO_JUDGE:
            self._unknown.check("--vocab", self._allow_unknown)

    def _read(self, piece: Piece) -> Iterator[list[str]]:
        file = self._files[piece.file]
        with files.open_file(file.plain_path) as stream:
            stream.seek(piece.start)
            data = stream.read(piece.end - piece.start)
        return file.read_block(piece.start, data, self._bad_rows)


def _splits(lengths: np.ndarray) -> np.ndarray:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])


def _flush_to_disk(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""Make one shard: read its pieces, tokenize, pack or pair, and write."""

import os
import random
import uuid
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import numpy as np
import tensorflow as tf

from kortf import files
from kortf.data.corpus.text_file import TextFile
from kortf.data.reader import BadRows
from kortf.data.records.cutting import Cutter
from kortf.data.records.packing import Packer
from kortf.data.records.pairing import Pairer
from kortf.data.records.plan import Piece, RecordsSettings
from kortf.data.records.record import Record
from kortf.data.records.records import shard_name
from kortf.data.records.shard_counts import ShardCounts
from kortf.data.records.token_block import TokenBlock
from kortf.text.sentences import split_sentences
from kortf.text.tokenizer.tokenizer import Tokenizer
from kortf.text.tokenizer.unknown import UnknownCounter
from kortf.text.unicode.removal import Removal

# Bytes of text within which documents are mixed: a few random pieces of the corpus.
_MIXED_BYTES = 8 << 20
# Most strings, and characters, that go through the tokenizer at a time.
_BATCH_STRINGS = 4096
_BATCH_CHARS = 1 << 18
# A shard is a random part of the corpus: this many pieces estimate the share of [UNK].
_PIECES_TO_JUDGE = 200_000


class ShardBuilder:
    """Make shards.

    Args:
        text_files: All files of the plan.
        tokenizer: Tokenizer of the text.
        settings: Settings of the records.
        directory: Output directory of shards and sidecars.
        key: Hash of everything that the records depend on.
        advance: Called with (bytes, documents, tokens) from time to time.
        allow_unknown: Whether more than half of the pieces may be [UNK].
    """

    def __init__(
        self,
        text_files: list[TextFile],
        tokenizer: Tokenizer,
        settings: RecordsSettings,
        directory: str,
        key: str,
        advance: Callable[[int, int, int], None],
        allow_unknown: bool = False,
    ):
        self._files = text_files
        self._vocabulary = tokenizer.vocabulary
        self._settings = settings
        self._directory = directory
        self._key = key
        self._advance = advance
        self._allow_unknown = allow_unknown
        self._cutter = Cutter.for_vocabulary(self._vocabulary)

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string)], autograph=False)
        def tokenize(strings):
            ids = tokenizer.tokenize(strings)
            return ids.flat_values, ids.row_lengths()

        self._tokenize = tokenize

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
            with tf.io.TFRecordWriter(beside) as writer:
                for record in self._records(index, pieces, counts):
                    writer.write(record.serialize())
                    counts.records += 1
                    counts.tokens += len(record.token_ids)
                    counts.positive += record.pair_label or 0
            if self._vocabulary.remove:
                counts.characters = self._removal.characters
                counts.removed = dict(self._removal.removed)
            counts.unknown = self._unknown.report()
            counts.bad_rows = self._bad_rows.to_json()
            if not files.is_remote(beside):
                _flush_to_disk(beside)
            counts.bytes, counts.crc32 = files.size(beside), files.crc32_of(beside)
            # Before the shard: no shard has its name without a sidecar; read() checks the pair.
            counts.write(self._directory, index, self._settings.shards)
            files.rename(beside, path)
        except BaseException:
            files.remove(beside)
            raise

    def _records(self, index: int, pieces: list[Piece], counts: ShardCounts) -> Iterator[Record]:
        settings, vocabulary = self._settings, self._vocabulary
        arguments = (settings.seq_length, vocabulary.cls_id, vocabulary.sep_id, self._cutter)
        if settings.pairing == "none":
            packer = Packer(*arguments)
            rng = np.random.default_rng([settings.seed, 1, index])
            for block in self._blocks(pieces, counts):
                yield from packer.add(block, rng)
            yield from packer.flush()
            return
        pairer = Pairer(settings.pairing, *arguments, vocabulary.pair_layout)
        draws = random.Random(f"{settings.seed} {index}")
        for block in self._blocks(pieces, counts):
            records, single = pairer.make(block, draws)
            counts.leave_out("of one sentence", single)
            counts.documents -= single
            yield from records

    def _blocks(self, pieces: list[Piece], counts: ShardCounts) -> Iterator[TokenBlock]:
        """Yield the tokens of some pieces at a time."""
        gathered: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        size = 0
        for piece in pieces:
            gathered.append(self._tokens(piece, counts))
            size += piece.end - piece.start
            if size >= _MIXED_BYTES:
                yield _join(gathered)
                gathered, size = [], 0
        if gathered:
            yield _join(gathered)

    def _tokens(
        self, piece: Piece, counts: ShardCounts
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return ids `[tokens]`, tokens of each sentence, and sentences of each document."""
        sentences, sizes = [], []
        for lines in self._read(piece):
            if self._settings.min_chars and sum(map(len, lines)) < self._settings.min_chars:
                counts.leave_out(f"under {self._settings.min_chars} characters")
                continue
            if self._settings.pairing != "none":
                lines = [sentence for line in lines for sentence in split_sentences(line)]
            if self._vocabulary.remove:
                for line in lines:
                    self._removal.remove(line)  # to count: the tokenizer removes on its own
            sentences += lines
            sizes.append(len(lines))
        ids, lengths = [np.zeros(0, np.int32)], [np.zeros(0, np.int64)]
        for batch in _batches(sentences):
            values, rows = self._tokenize(tf.constant(batch, tf.string))
            ids.append(values.numpy())
            lengths.append(rows.numpy())
            self._count_unknown(ids[-1], lengths[-1], batch)
        tokens = np.concatenate(ids)
        counts.documents += len(sizes)
        counts.sentences += len(sentences)
        self._advance(piece.end - piece.start, len(sizes), len(tokens))
        return tokens, np.concatenate(lengths), np.array(sizes, dtype=np.int64)

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


def _batches(strings: list[str]) -> Iterator[list[str]]:
    start = chars = 0
    for at, string in enumerate(strings):
        chars += len(string)
        if at + 1 - start == _BATCH_STRINGS or chars >= _BATCH_CHARS:
            yield strings[start : at + 1]
            start, chars = at + 1, 0
    if start < len(strings):
        yield strings[start:]


def _join(gathered: list[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> TokenBlock:
    ids, lengths, sizes = (np.concatenate(arrays) for arrays in zip(*gathered, strict=True))
    return TokenBlock(ids, _splits(lengths), _splits(sizes))


def _splits(lengths: np.ndarray) -> np.ndarray:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])


def _flush_to_disk(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""A records directory: TFRecord shards and `records.json`, which describes them."""

import dataclasses
import os
import re
from dataclasses import dataclass
from typing import Any

from kortf import files
from kortf.data import features
from kortf.data.records import tfrecord
from kortf.errors import InputError

INFO_FILE = "records.json"
_CURE = "run kortf records again"
_FOLLOW_BYTES = 8 << 30
_PLAIN_NAME = re.compile(r"[^/\\:\x00-\x1f]{1,255}")


def shard_name(index: int, count: int) -> str:
    """Return the name of a shard.

    Example:
        >>> shard_name(3, 16)
        'records-00003-of-00016.tfrecord'
    """
    return f"records-{index:05d}-of-{count:05d}.tfrecord"


@dataclass(frozen=True)
class Shard:
    """One file of a records directory: its name, counts, and the CRC-32 of its bytes."""

    file: str
    records: int
    tokens: int
    documents: int
    bytes: int
    crc32: int


@dataclass(frozen=True)
class RecordsInfo:
    """Contents of `records.json`.

    Args:
        kortf_version: Version of kortf that wrote the records.
        key: Hash of everything that the bytes depend on.
        vocabulary_hash: `Vocabulary.fingerprint` of the vocabulary.
        tokenizer: `Vocabulary.settings`.
        seq_length: Greatest number of tokens in a record, with special tokens.
        pairing: `none`, `next_sentence` or `sentence_order`.
        seed: Seed of all draws.
        input: `{"file", "bytes", "crc32"}` of each file of raw text, in order.
        documents, sentences, records, tokens, bytes: Sums over the shards; `tokens` includes
            special tokens, `bytes` is the size of the TFRecord files.
        left_out: `{reason: documents}` that are in no record.
        padding_share: Share of `records * seq_length` that a batch will pad.
        pair_label_share: Share of records with `pair_label` 1; None without pairing.
        shards: The files.
        removed: `{"characters": all that were read, KIND: removed …, "share": …}`; None where the
            vocabulary removes nothing.
        unknown: `{"pieces", "unknown", "share", "examples"}` of [UNK]; None in records of an older
            kortf.
        bad_rows: `{"count", "samples"}` of input rows that were skipped; None if none were.
    """

    kortf_version: str
    key: str
    vocabulary_hash: str
    tokenizer: dict[str, Any]
    seq_length: int
    pairing: str
    seed: int
    input: list[dict[str, Any]]
    documents: int
    sentences: int
    records: int
    tokens: int
    padding_share: float
    pair_label_share: float | None
    left_out: dict[str, int]
    bytes: int
    shards: list[Shard]
    removed: dict[str, Any] | None = None
    unknown: dict[str, Any] | None = None
    bad_rows: dict[str, Any] | None = None

    def shard_paths(self, directory: str) -> list[str]:
        """Return the paths of the shards, in order."""
        return [os.path.join(directory, shard.file) for shard in self.shards]

    def to_json(self) -> dict[str, Any]:
        """Return the contents of `records.json`."""
        value = dataclasses.asdict(self)
        if self.bad_rows is None:
            del value["bad_rows"]
        return value


def read_info(directory: str) -> RecordsInfo:
    """Read `records.json`.

    Raises:
        InputError: It is missing (the records are unfinished, or elsewhere), incomplete, or names
            shards outside of the directory.
    """
    path = os.path.join(directory, INFO_FILE)
    if not files.exists(path):
        problem = "no records.json: no records here, or kortf records did not end"
        raise InputError(directory, problem, "run kortf records (again)")
    value = files.read_json(path)
    fields = dataclasses.fields(RecordsInfo)
    try:
        shards = [Shard(**shard) for shard in value["shards"]]
        known = {f.name: value[f.name] for f in fields if f.default is dataclasses.MISSING}
        optional = {f.name: value.get(f.name) for f in fields if f.name not in known}
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(path, f"incomplete ({error})", _CURE) from error
    if known["pairing"] not in features.PAIRINGS:
        problem = f"unknown pairing '{known['pairing']}'"
        raise InputError(path, problem, "read it with the kortf that wrote it")
    for name in ("records", "tokens", "documents", "sentences", "seq_length", "bytes", "seed"):
        _check_number(path, name, known[name])
    for number, shard in enumerate(shards):
        place = f"{path}, shard {number}"
        _check_name(place, shard.file)
        for name in ("records", "tokens", "documents", "bytes", "crc32"):
            _check_number(place, name, getattr(shard, name))
    if not shards:
        raise InputError(path, "names no shards", _CURE)
    return RecordsInfo(**{**known, **optional, "shards": shards})


def _check_name(place: str, name: Any) -> None:
    """Refuse the name of a shard that could lead out of the directory."""
    plain = isinstance(name, str) and _PLAIN_NAME.fullmatch(name) and name not in (".", "..")
    if not plain:
        raise InputError(place, f"'{str(name)[:80]}' is not the name of a file here", _CURE)


def _check_number(place: str, name: str, value: Any) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 63:
        problem = f"{name} is {str(value)[:40]}, not a whole number of at least 0"
        raise InputError(place, problem, _CURE)


def verify_shards(directory: str, info: RecordsInfo, contents: bool = False) -> None:
    """Check the size of every shard and the lengths of its records.

    TensorFlow allocates whatever length a record claims, and a wrong one would end the process.

    Args:
        directory: Directory of the records.
        info: Contents of its `records.json`.
        contents: Also read every shard and compare its CRC-32, and the checksum of each record.
            Without it, lengths are followed in up to 8 GiB of records: that reads the shards once.

    Raises:
        InputError: A shard is missing, has another size or other contents, or holds a broken
            record, with the number of the record.
    """
    follow = contents or sum(shard.bytes for shard in info.shards) <= _FOLLOW_BYTES
    for shard in info.shards:
        path = os.path.join(directory, shard.file)
        if not files.exists(path):
            raise InputError(path, "this shard is missing", _CURE)
        size = files.size(path)
        broken = tfrecord.find_wrong_length(path) if follow else None
        if broken is None and (size != shard.bytes or contents):
            broken = tfrecord.find_corruption(path)
        if broken:
            number, problem = broken
            raise InputError(f"{path}, record {number}", problem, _CURE)
        if size != shard.bytes:
            problem = f"{size:,} bytes where records.json has {shard.bytes:,}"
            raise InputError(path, problem, _CURE)
        if contents and files.crc32_of(path) != shard.crc32:
            problem = "other contents than records.json has (CRC-32 differs)"
            raise InputError(path, problem, _CURE)


def explain_data_loss(directory: str, info: RecordsInfo) -> InputError | None:
    """Find the file and record at which reading failed; None if all shards are whole.

    TensorFlow's DataLossError does not name them.
    """
    for path in info.shard_paths(directory):
        broken = tfrecord.find_corruption(path)
        if broken:
            number, problem = broken
            return InputError(f"{path}, record {number}", problem, _CURE)
    return None

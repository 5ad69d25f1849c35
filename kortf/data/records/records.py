"""A records directory: TFRecord shards and `records.json`, which says what they hold."""

import dataclasses
import os
from dataclasses import dataclass
from typing import Any

from kortf import files
from kortf.data import features
from kortf.data.records import tfrecord
from kortf.errors import InputError

INFO_FILE = "records.json"


def shard_name(index: int, count: int) -> str:
    """Name of a shard.

    Example:
        >>> shard_name(3, 16)
        'records-00003-of-00016.tfrecord'
    """
    return f"records-{index:05d}-of-{count:05d}.tfrecord"


@dataclass(frozen=True)
class Shard:
    """One file of a records directory: its name, what it holds, and the CRC-32 of its bytes."""

    file: str
    records: int
    tokens: int
    documents: int
    bytes: int
    crc32: int


@dataclass(frozen=True)
class RecordsInfo:
    """What `records.json` says.

    Args:
        kortf_version: the kortf that wrote the records.
        key: hash of everything that the bytes depend on; the same call has the same key.
        vocabulary_hash: `Vocabulary.fingerprint` of the vocabulary.
        tokenizer: `Vocabulary.settings`.
        seq_length: most tokens in a record, special tokens included.
        pairing: `none`, `next_sentence` or `sentence_order`.
        seed: seed of all that was drawn.
        input: `{"file", "bytes", "crc32"}` of each file of raw text, in order.
        documents, sentences, records, tokens, bytes: sums over the shards; `tokens` includes
            special tokens, `bytes` is the size of the TFRecord files.
        left_out: `{reason: documents}` that are in no record.
        padding_share: share of `records * seq_length` that a batch will pad.
        pair_label_share: share of records with `pair_label` 1; None without pairing.
        shards: the files.
        removed: `{"characters": all that were read, KIND: removed …, "share": …}`; None where the
            vocabulary removes nothing.
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

    def shard_paths(self, directory: str) -> list[str]:
        """Paths of the shards, in order."""
        return [os.path.join(directory, shard.file) for shard in self.shards]

    def to_json(self) -> dict[str, Any]:
        """What is written to `records.json`."""
        return dataclasses.asdict(self)


def read_info(directory: str) -> RecordsInfo:
    """Reads `records.json`.

    Raises:
        InputError: when it is missing (the records are unfinished, or elsewhere) or incomplete.
    """
    path = os.path.join(directory, INFO_FILE)
    if not files.exists(path):
        problem = "no records.json: no records here, or kortf records did not end"
        raise InputError(directory, problem, "run kortf records (again)")
    value = files.read_json(path)
    names = {field.name for field in dataclasses.fields(RecordsInfo)} - {"removed"}
    try:
        shards = [Shard(**shard) for shard in value["shards"]]
        known = {name: value[name] for name in names} | {"removed": value.get("removed")}
    except (KeyError, TypeError) as error:
        raise InputError(path, f"incomplete ({error})", "run kortf records again") from error
    if known["pairing"] not in features.PAIRINGS:
        problem = f"unknown pairing '{known['pairing']}'"
        raise InputError(path, problem, "read it with the kortf that wrote it")
    return RecordsInfo(**{**known, "shards": shards})


def verify_shards(directory: str, info: RecordsInfo) -> None:
    """Checks the size of every shard, and looks for the broken record of one that differs.

    Raises:
        InputError: for a shard that is missing or has another size, with the number of the record
            at which it breaks.
    """
    for shard in info.shards:
        path = os.path.join(directory, shard.file)
        if not files.exists(path):
            raise InputError(path, "this shard is missing", "run kortf records again")
        size = files.size(path)
        if size == shard.bytes:
            continue
        broken = tfrecord.find_corruption(path)
        if broken:
            number, problem = broken
            raise InputError(f"{path}, record {number}", problem, "run kortf records again")
        problem = f"{size:,} bytes where records.json has {shard.bytes:,}"
        raise InputError(path, problem, "run kortf records again")


def explain_data_loss(directory: str, info: RecordsInfo) -> InputError | None:
    """The file and record at which reading must have failed; None when all shards read well.

    For the training loop: TensorFlow's DataLossError does not say where.
    """
    for path in info.shard_paths(directory):
        broken = tfrecord.find_corruption(path)
        if broken:
            number, problem = broken
            return InputError(f"{path}, record {number}", problem, "run kortf records again")
    return None

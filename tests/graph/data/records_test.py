"""Reading records directories, and finding what is broken in them."""

import dataclasses
import json

import pytest
import tensorflow as tf

from kortf.data.records import records
from kortf.data.records.plan import RecordsSettings
from kortf.data.records.records import explain_data_loss, read_info, verify_shards
from kortf.data.records.tfrecord import find_corruption
from kortf.errors import InputError


@pytest.fixture
def directory(in_process, write, corpus, tmp_path):
    write([corpus], tmp_path / "out", RecordsSettings(seq_length=32, shards=2))
    return tmp_path / "out"


def shard(directory):
    return directory / "records-00001-of-00002.tfrecord"


def record_starts(path):
    """Byte at which each record of a TFRecord file begins (length, checksum, data, checksum)."""
    starts, at, data = [], 0, path.read_bytes()
    while at < len(data):
        starts.append(at)
        at += 12 + int.from_bytes(data[at : at + 8], "little") + 4
    return starts


def refusal(directory):
    with pytest.raises(InputError) as caught:
        verify_shards(str(directory), read_info(str(directory)))
    return str(caught.value)


def test_whole_records_pass(directory):
    info = read_info(str(directory))
    verify_shards(str(directory), info)
    assert explain_data_loss(str(directory), info) is None
    assert info.shard_paths(str(directory))[1] == str(shard(directory))


def test_missing_info(tmp_path):
    with pytest.raises(InputError, match="no records.json.*run kortf records"):
        read_info(str(tmp_path))


def test_broken_info(directory):
    path = directory / "records.json"
    value = json.loads(path.read_text(encoding="utf-8"))
    for broken in ({**value, "shards": [{"file": "a"}]}, {"seq_length": 3}, []):
        path.write_text(json.dumps(broken), encoding="utf-8")
        with pytest.raises(InputError, match="records.json: incomplete .*run kortf records again"):
            read_info(str(directory))
    path.write_text(json.dumps({**value, "pairing": "triples"}), encoding="utf-8")
    with pytest.raises(InputError, match="unknown pairing 'triples'"):
        read_info(str(directory))


def test_fields_of_a_later_kortf_are_no_error(directory):
    path = directory / "records.json"
    value = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**value, "later": 1}), encoding="utf-8")
    assert read_info(str(directory)).seq_length == 32


def test_a_truncated_shard_names_the_record(directory):
    path = shard(directory)
    starts = record_starts(path)
    path.write_bytes(path.read_bytes()[: starts[5] + 20])
    assert f"{path.name}, record 5: the file ends inside it" in refusal(directory)


def test_a_shard_cut_between_records(directory):
    path = shard(directory)
    path.write_bytes(path.read_bytes()[: record_starts(path)[5]])
    assert f"{path.name}: " in refusal(directory)
    assert "bytes where records.json has" in refusal(directory)


def test_a_missing_shard(directory):
    shard(directory).unlink()
    assert "this shard is missing" in refusal(directory)


@pytest.mark.parametrize("offset", [0, 9, 15])
def test_a_flipped_bit_is_found(directory, offset):
    path = shard(directory)
    data = bytearray(path.read_bytes())
    data[record_starts(path)[7] + offset] ^= 1
    path.write_bytes(data)
    info = read_info(str(directory))
    if offset == 0:  # the length itself
        assert f"{path.name}, record 7: " in refusal(directory)
    else:
        verify_shards(str(directory), info)  # sizes and lengths are right
    with pytest.raises(InputError) as caught:
        verify_shards(str(directory), info, contents=True)
    assert f"{path.name}, record 7: " in str(caught.value)
    error = explain_data_loss(str(directory), info)
    assert f"{path.name}, record 7: " in str(error)


def test_find_corruption_of_whole_and_empty_files(directory, tmp_path):
    assert find_corruption(str(shard(directory))) is None
    tf.io.TFRecordWriter(str(tmp_path / "empty")).close()
    assert find_corruption(str(tmp_path / "empty")) is None
    (tmp_path / "stub").write_bytes(b"abc")
    assert find_corruption(str(tmp_path / "stub")) == (0, "the file ends inside it")


def test_shards_sort_by_number():
    names = [records.shard_name(index, 12) for index in range(12)]
    assert names == sorted(names)


def length_with_checksum(length):
    """The head of a record: TFRecord's own writer cannot be asked for a length of 2^40."""
    data = length.to_bytes(8, "little")
    crc = crc32c(data)
    return data + (((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF).to_bytes(4, "little")


def crc32c(data):
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 * (byte & 1))
        table.append(byte)
    crc = 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def test_the_checksum_of_a_length_is_tensorflows(directory):
    data = shard(directory).read_bytes()
    assert length_with_checksum(int.from_bytes(data[:8], "little")) == data[:12]


@pytest.mark.parametrize("length", [2**40, 2**63, 2**64 - 1])
def test_a_huge_length_with_a_valid_checksum_is_found_before_tensorflow_reads_it(directory, length):
    path = shard(directory)
    start = record_starts(path)[3]
    data = path.read_bytes()
    path.write_bytes(data[:start] + length_with_checksum(length) + data[start + 12 :])
    assert f"{path.name}, record 3: the file ends inside it" in refusal(directory)
    error = explain_data_loss(str(directory), read_info(str(directory)))
    assert f"{path.name}, record 3: " in str(error)


def test_a_shard_of_the_same_size_with_other_records(directory):
    info = read_info(str(directory))
    other = [dataclasses.replace(each, crc32=each.crc32 ^ 1) for each in info.shards]
    info = dataclasses.replace(info, shards=other)
    verify_shards(str(directory), info)
    with pytest.raises(InputError, match="CRC-32"):
        verify_shards(str(directory), info, contents=True)


@pytest.mark.parametrize(
    "change",
    [
        {"file": "../records-00000-of-00002.tfrecord"},
        {"file": "/etc/passwd"},
        {"file": "a\\b"},
        {"file": "gs://bucket"},
        {"file": ".."},
        {"file": ""},
        {"file": ["a"]},
        {"file": "a\u0000"},
        {"records": -1},
        {"records": "3"},
        {"bytes": 1e300},
        {"crc32": None},
    ],
)
def test_shards_are_files_of_the_directory(directory, change):
    path = directory / "records.json"
    value = json.loads(path.read_text(encoding="utf-8"))
    value["shards"][1].update(change)
    path.write_text(json.dumps(value), encoding="utf-8")
    with pytest.raises(InputError, match="records.json, shard 1: "):
        read_info(str(directory))

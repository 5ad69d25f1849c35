"""Writing records directories: same bytes always, taken up again, never half-written."""

import gzip
import hashlib
import json
import os
import zlib

import numpy as np
import pytest
import tensorflow as tf

from kortf.data import features, workers
from kortf.data.corpus.text_file import TextFile
from kortf.data.records.plan import RecordsSettings
from kortf.data.records.records import read_info, verify_shards
from kortf.data.records.records_writer import write_records
from kortf.errors import InputError
from kortf.text.tokenizer.rows.rows import rows_of_segments
from kortf.text.tokenizer.tokenizer import Tokenizer
from kortf.text.vocabulary.pair_layout import ROBERTA
from kortf.text.vocabulary.vocabulary import Vocabulary

PLAIN = RecordsSettings(seq_length=32, shards=4)


def contents(directory):
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def examples(directory):
    info = read_info(str(directory))
    for path in info.shard_paths(str(directory)):
        for raw in tf.data.TFRecordDataset(path):
            feature = tf.train.Example.FromString(raw.numpy()).features.feature
            yield {name: list(value.int64_list.value) for name, value in feature.items()}


class ServedOnce(Exception):
    """Stands for whatever ends the work."""


@pytest.fixture
def stopped_after(in_process, monkeypatch):
    """`stopped_after(n)`: the work ends when n shards are finished."""

    def arrange(count):
        def run_jobs(jobs, *arguments):
            in_process(jobs[:count], *arguments)
            raise ServedOnce

        monkeypatch.setattr(workers, "run_jobs", run_jobs)

    arrange.not_at_all = lambda: monkeypatch.setattr(workers, "run_jobs", in_process)
    return arrange


@pytest.mark.parametrize("pairing", features.PAIRINGS)
def test_records_are_of_the_schema(in_process, write, corpus, tmp_path, pairing):
    settings = RecordsSettings(seq_length=24, pairing=pairing, shards=2)
    info = write([corpus], tmp_path / "out", settings)
    found = list(examples(tmp_path / "out"))
    assert len(found) == info.records > 20
    for example in found:
        assert tuple(sorted(example)) == tuple(sorted(features.record_names(pairing)))
        assert sum(example["lengths"]) == len(example["token_ids"]) <= 24
        assert example["token_ids"][0] == 2 and example["token_ids"][-1] == 3
        if pairing != "none":
            assert len(example["lengths"]) == 2
            assert example["pair_label"] in ([0], [1])
    assert sum(len(example["token_ids"]) for example in found) == info.tokens


@pytest.mark.parametrize("pairing", ["next_sentence", "sentence_order"])
def test_pairs_have_the_special_tokens_of_the_vocabulary(
    in_process, corpus, tmp_path, tiny_vocabulary, pairing
):
    """A row of the records is the row of a fine-tuning on the two texts."""
    settings = {"pair_layout": ROBERTA._asdict()}
    vocabulary = Vocabulary("wordpiece", tiny_vocabulary.data, settings)
    assert vocabulary.fingerprint == tiny_vocabulary.fingerprint
    wanted, out = RecordsSettings(seq_length=24, pairing=pairing, shards=2), str(tmp_path / "out")
    text = [TextFile.detect(str(corpus))]
    info = write_records(text, vocabulary, wanted, out, workers=1)
    found = list(examples(tmp_path / "out"))
    assert len(found) == info.records > 20
    for example in found[:50]:
        ids = np.array(example["token_ids"])
        cut = np.flatnonzero(ids == vocabulary.sep_id)[0]
        parts = [tf.ragged.constant([list(part)]) for part in (ids[1:cut], ids[cut + 2 : -1])]
        row = rows_of_segments(parts, 24, vocabulary)
        assert row.token_ids.to_list() == [ids.tolist()]
        lengths = example["lengths"]
        assert np.repeat(range(len(lengths)), lengths).tolist() == row.segment_ids.to_list()[0]
    with pytest.raises(InputError, match="other text, vocabulary or settings"):
        write_records(text, tiny_vocabulary, wanted, out, workers=1)


def test_info_counts_what_is_there(in_process, write, corpus, tmp_path, tiny_vocabulary):
    directory = tmp_path / "out"
    info = write([corpus], directory, PLAIN)
    assert info == read_info(str(directory))
    assert sorted(contents(directory)) == [*(s.file for s in info.shards), "records.json"]
    assert (info.documents, info.sentences) == (300, 900)
    assert info.vocabulary_hash == tiny_vocabulary.fingerprint
    assert info.padding_share == 1 - info.tokens / (info.records * 32) < 0.2
    assert info.input[0]["bytes"] == corpus.stat().st_size
    assert info.input[0]["crc32"] == zlib.crc32(corpus.read_bytes())
    for shard in info.shards:
        data = (directory / shard.file).read_bytes()
        assert (shard.bytes, shard.crc32) == (len(data), zlib.crc32(data))
    for name in ("records", "tokens", "documents", "bytes"):
        assert getattr(info, name) == sum(getattr(shard, name) for shard in info.shards)
    verify_shards(str(directory), info)


def test_every_token_of_the_corpus_is_there_once(
    in_process, write, corpus, tmp_path, tiny_vocabulary
):
    write([corpus], tmp_path / "out", PLAIN)
    lines = corpus.read_text(encoding="utf-8").split("\n")
    expected = Tokenizer(tiny_vocabulary).tokenize(lines).flat_values.numpy()
    found = np.concatenate([example["token_ids"] for example in examples(tmp_path / "out")])
    found = found[(found != tiny_vocabulary.cls_id) & (found != tiny_vocabulary.sep_id)]
    assert np.array_equal(np.sort(found), np.sort(expected))
    assert tiny_vocabulary.unk_id not in found


def test_what_the_vocabulary_removes_is_counted(in_process, corpus, tmp_path, tiny_vocabulary):
    with corpus.open("a", encoding="utf-8") as file:
        file.write("\n가(漢字)나😀.\n" * 50)
    removing = {"remove_characters": ["emoji", "hanja"]}
    vocabulary = Vocabulary("wordpiece", tiny_vocabulary.data, removing)
    files = [TextFile.detect(str(corpus))]
    out = tmp_path / "out"
    infos = [
        write_records(files, vocabulary, RecordsSettings(32, shards=n), f"{out}{n}") for n in (1, 4)
    ]
    characters = sum(map(len, corpus.read_text(encoding="utf-8").split("\n")))
    share = round(150 / characters, 5)
    for info in infos:
        expected = {"characters": characters, "hanja": 100, "emoji": 50, "share": share}
        assert info.removed == expected
        assert info.tokenizer["remove_characters"] == ["emoji", "hanja"]
    assert infos[0] == read_info(f"{out}1")
    ids = [i for example in examples(tmp_path / "out1") for i in example["token_ids"]]
    assert ids.count(vocabulary.unk_id) == 50 * 2  # the brackets
    with pytest.raises(InputError, match="other text, vocabulary or settings"):
        write_records(files, tiny_vocabulary, RecordsSettings(32, shards=1), f"{out}1")


def test_records_of_an_older_kortf_are_read(in_process, write, corpus, tmp_path):
    info = write([corpus], tmp_path, PLAIN)
    path = tmp_path / "records.json"
    value = json.loads(path.read_text())
    assert value.pop("removed") is None
    path.write_text(json.dumps(value))
    assert read_info(str(tmp_path)) == info


def test_same_bytes_for_any_number_of_workers(in_process, write, corpus, tmp_path, monkeypatch):
    write([corpus], tmp_path / "here", PLAIN)
    monkeypatch.undo()
    write([corpus], tmp_path / "two", PLAIN, workers=2)
    assert contents(tmp_path / "here") == contents(tmp_path / "two")


def test_the_seed_changes_the_bytes(in_process, write, corpus, tmp_path):
    first = write([corpus], tmp_path / "a", PLAIN)
    other = write([corpus], tmp_path / "b", RecordsSettings(seq_length=32, shards=4, seed=1))
    assert first.documents == other.documents
    assert [s.crc32 for s in first.shards] != [s.crc32 for s in other.shards]


def test_compressed_input_makes_the_same_records(in_process, write, corpus, tmp_path):
    packed = tmp_path / "corpus.gz"
    packed.write_bytes(gzip.compress(corpus.read_bytes()))
    plain = write([corpus], tmp_path / "a", PLAIN)
    unpacked = write([packed], tmp_path / "b", PLAIN)
    assert plain.shards == unpacked.shards
    assert sorted(contents(tmp_path / "b")) == sorted(contents(tmp_path / "a"))


def test_a_stopped_call_goes_on(stopped_after, write, corpus, tmp_path):
    stopped_after.not_at_all()
    write([corpus], tmp_path / "whole", PLAIN)
    stopped_after(2)
    with pytest.raises(ServedOnce):
        write([corpus], tmp_path / "parts", PLAIN)
    left = contents(tmp_path / "parts")
    shards = [name for name in left if name.endswith(".tfrecord")]
    assert len(shards) == 2 and "records.json" not in left
    (tmp_path / "parts" / ".records-00000-of-00004.tfrecord.1.tmp").write_bytes(b"half")
    stamps = {name: (tmp_path / "parts" / name).stat().st_mtime_ns for name in shards}
    stopped_after.not_at_all()
    write([corpus], tmp_path / "parts", PLAIN)
    assert write.said[-1].endswith("resuming, 2 of 4 shards are complete")
    assert contents(tmp_path / "parts") == contents(tmp_path / "whole")
    assert stamps == {name: (tmp_path / "parts" / name).stat().st_mtime_ns for name in shards}


def test_a_shard_cut_short_is_made_again(stopped_after, write, corpus, tmp_path):
    stopped_after(4)
    with pytest.raises(ServedOnce):
        write([corpus], tmp_path / "out", PLAIN)
    shard = tmp_path / "out" / "records-00001-of-00004.tfrecord"
    whole = shard.read_bytes()
    os.truncate(shard, 10)
    stopped_after.not_at_all()
    write([corpus], tmp_path / "out", PLAIN)
    assert write.said[-1].endswith("resuming, 3 of 4 shards are complete")
    assert shard.read_bytes() == whole


def test_unfinished_records_of_other_settings_are_not_mixed(stopped_after, write, corpus, tmp_path):
    other = RecordsSettings(seq_length=16, shards=4)
    stopped_after(2)
    with pytest.raises(ServedOnce):
        write([corpus], tmp_path / "out", PLAIN)
    stopped_after.not_at_all()
    with pytest.raises(InputError, match="unfinished records of other text.*--overwrite"):
        write([corpus], tmp_path / "out", other)
    write([corpus], tmp_path / "clean", other)
    write([corpus], tmp_path / "out", other, overwrite=True)
    assert contents(tmp_path / "out") == contents(tmp_path / "clean")


def test_finished_records_are_left_alone(in_process, write, corpus, tmp_path):
    directory = tmp_path / "out"
    info = write([corpus], directory, PLAIN)
    before = {path.name: path.stat().st_mtime_ns for path in directory.iterdir()}
    assert write([corpus], directory, PLAIN) == info
    assert "complete already" in write.said[-1]
    assert before == {path.name: path.stat().st_mtime_ns for path in directory.iterdir()}


def test_where_the_text_lies_does_not_matter(in_process, write, corpus, tmp_path):
    info = write([corpus], tmp_path / "out", PLAIN)
    (tmp_path / "moved").mkdir()
    moved = corpus.rename(tmp_path / "moved" / corpus.name)
    assert write([moved], tmp_path / "out", PLAIN) == info


def test_other_records_are_replaced_only_when_asked(in_process, write, corpus, tmp_path):
    directory = tmp_path / "out"
    write([corpus], directory, RecordsSettings(seq_length=32, shards=6))
    (directory / "notes.txt").write_text("mine")
    before = contents(directory)
    with pytest.raises(InputError, match="6 shards.*give --overwrite"):
        write([corpus], directory, PLAIN)
    assert contents(directory) == before
    corpus.write_text(corpus.read_text(encoding="utf-8") + "가\n", encoding="utf-8")
    info = write([corpus], directory, PLAIN, overwrite=True)
    names = ["notes.txt", *(shard.file for shard in info.shards), "records.json"]
    assert sorted(contents(directory)) == names


def test_two_calls_do_not_write_to_one_directory(in_process, write, corpus, tmp_path):
    import fcntl

    directory = tmp_path / "out"
    directory.mkdir()
    with open(directory / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(InputError, match="another kortf records is writing"):
            write([corpus], directory, PLAIN)


def test_more_shards_than_documents(in_process, write, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("문장 1.\n\n문장 2.\n", encoding="utf-8")
    info = write([path], tmp_path / "out", RecordsSettings(seq_length=8, shards=5))
    assert (info.documents, len(info.shards)) == (2, 5)
    assert len(list(examples(tmp_path / "out"))) == info.records
    verify_shards(str(tmp_path / "out"), info)


def test_text_that_makes_no_record_is_an_error(in_process, write, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("문장 1.\n\n문장 2.\n", encoding="utf-8")
    settings = RecordsSettings(pairing="sentence_order", seq_length=16)
    with pytest.raises(InputError, match="no document makes a record .*2 of one sentence"):
        write([path], tmp_path / "out", settings)
    assert not (tmp_path / "out").exists()


def test_short_documents_can_be_left_out(in_process, write, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("문장 1.\n\n문장 가나다라마.\n", encoding="utf-8")
    info = write([path], tmp_path / "out", RecordsSettings(seq_length=16, shards=1, min_chars=6))
    assert info.documents == 1
    assert info.left_out == {"under 6 characters": 1}


@pytest.mark.exhaustive
def test_an_error_in_a_worker_names_file_and_line(write, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "가"}\n{"text": \n')
    with pytest.raises(InputError, match="a.jsonl, line 2: not JSON"):
        write([path], tmp_path / "out", PLAIN, workers=2)
    assert not (tmp_path / "out").exists()


def test_text_that_changes_meanwhile_is_an_error(in_process, write, corpus, tmp_path, monkeypatch):
    def run_jobs(*arguments):
        in_process(*arguments)
        with open(corpus, "a") as file:
            file.write("1")

    monkeypatch.setattr(workers, "run_jobs", run_jobs)
    with pytest.raises(InputError, match="corpus.txt: changed while it was read"):
        write([corpus], tmp_path / "out", PLAIN)
    assert not (tmp_path / "out" / "records.json").exists()


class Deadly:
    """Ends the process that unpickles it."""

    def __reduce__(self):
        return os._exit, (7,)


def test_a_dead_worker_is_reported(tmp_path):
    with pytest.raises(InputError, match="a worker process: exited with status 7"):
        workers.run_jobs([(0, [])], {"settings": Deadly()}, 1, print)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"seq_length": 7}, "--seq_length=7: must be at least 8"),
        ({"shards": 0}, "--shards=0: must be at least 1"),
        ({"seed": -1}, "--seed=-1: must be at least 0"),
        ({"pairing": "nsp"}, "--pairing=nsp: unknown pairing; choose none, next_sentence"),
    ],
)
def test_settings_that_cannot_be(write, corpus, tmp_path, settings, words):
    with pytest.raises(InputError, match=words):
        write([corpus], tmp_path / "out", RecordsSettings(**settings))
    assert not (tmp_path / "out").exists()


def test_info_is_readable_json(in_process, write, corpus, tmp_path):
    write([corpus], tmp_path / "out", PLAIN)
    value = json.loads((tmp_path / "out" / "records.json").read_text(encoding="utf-8"))
    assert value["pairing"] == "none" and value["seq_length"] == 32


@pytest.fixture
def strange(tmp_path):
    """A file of 200 documents of which the vocabulary knows two in seven pieces."""
    path = tmp_path / "strange.txt"
    path.write_text("문 서울 대한 민국 역사 가 지리\n" * 200, encoding="utf-8")
    return path


def test_a_wrong_vocabulary_is_refused_unless_allowed(in_process, write, strange, tmp_path):
    with pytest.raises(InputError) as caught:
        write([strange], tmp_path / "out", PLAIN)
    assert caught.value.parts[0] == "--vocab"
    assert not (tmp_path / "out" / "records.json").exists()
    info = write([strange], tmp_path / "out", PLAIN, allow_unknown=True)
    assert (info.unknown["pieces"], info.unknown["unknown"]) == (1400, 1000)
    assert info.unknown["examples"] == ["문 서울 대한 민국 역사 가 지리"]


def test_a_wrong_vocabulary_is_refused_early(in_process, write, strange, tmp_path, monkeypatch):
    monkeypatch.setattr("kortf.data.records.shard_builder._PIECES_TO_JUDGE", 10)
    with pytest.raises(InputError):
        write([strange], tmp_path / "out", PLAIN)
    assert not list((tmp_path / "out").glob("*.tfrecord"))


def test_skipped_rows_are_counted_once(in_process, tiny_vocabulary, tmp_path):
    good = json.dumps({"text": "문장 1 가나다"}, ensure_ascii=False)
    (tmp_path / "a.jsonl").write_text(f"{good}\n{{\n{good}\n" * 50, encoding="utf-8")
    rows = [{"text": "문장 2"}, {"body": "x"}]
    (tmp_path / "b.json").write_text(json.dumps(rows), encoding="utf-8")
    paths = [str(tmp_path / name) for name in ("a.jsonl", "b.json")]
    with pytest.raises(InputError, match="a.jsonl, line 2"):
        files = [TextFile.detect(paths[0])]
        write_records(files, tiny_vocabulary, PLAIN, str(tmp_path / "out"), workers=1)
    files = [TextFile.detect(path, skip_bad_rows=True) for path in paths]
    info = write_records(
        files, tiny_vocabulary, PLAIN, str(tmp_path / "out"), workers=1, overwrite=True
    )
    assert (info.documents, info.bad_rows["count"]) == (101, 51)
    assert read_info(str(tmp_path / "out")) == info


def test_formats_that_are_converted_give_the_records_of_the_text(in_process, write, tmp_path):
    documents = [f"문장 {number} 가나다" for number in range(300)]
    rows = json.dumps([{"text": text} for text in documents], ensure_ascii=False)
    (tmp_path / "a.json").write_text(rows, encoding="utf-8")
    (tmp_path / "a.txt").write_text("\n\n".join(documents) + "\n\n", encoding="utf-8")
    for name in ("a.json", "a.txt"):
        write([tmp_path / name], tmp_path / name[2:], PLAIN)
    shards = [sorted((tmp_path / name).glob("*.tfrecord")) for name in ("json", "txt")]
    assert [p.read_bytes() for p in shards[0]] == [p.read_bytes() for p in shards[1]]
    assert not list((tmp_path / "json").glob(".unpacked*"))


@pytest.mark.parametrize("name", ["config.json", "vocab.txt", "clean.json", "saved_model.pb"])
def test_a_directory_of_another_kind_is_refused(in_process, write, corpus, tmp_path, name):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).write_text("{}")
    with pytest.raises(InputError) as caught:
        write([corpus], tmp_path / "out", PLAIN, overwrite=True)
    assert caught.value.parts[0] == str(tmp_path / "out")
    assert contents(tmp_path / "out") == {name: b"{}"}


def test_an_error_leaves_no_directory_behind(in_process, write, strange, tmp_path):
    with pytest.raises(InputError):
        write([strange], tmp_path / "a" / "b", PLAIN)
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    ("pairing", "expected"),
    [
        ("none", "22352904c7f48e4e0564291e97769ada3a74f77aa37e99363727dbf9b5b780b2"),
        ("next_sentence", "dc332a27ff5b43db6e36512e18935147bc8c99fb79bb2b654ab754257da2aa6d"),
        ("sentence_order", "65528f6cefce56acaa055c352472485125482664c10e05456ac349d3e17b8fe1"),
    ],
)
def test_records_have_the_bytes_of_version_0_1(
    in_process, write, corpus, tmp_path, pairing, expected
):
    """Records that were begun with an older kortf go on, and the same call gives the same bytes."""
    write([corpus], tmp_path / "out", RecordsSettings(seq_length=24, pairing=pairing, shards=2))
    digest = hashlib.sha256()
    for path in sorted((tmp_path / "out").glob("*.tfrecord")):
        digest.update(path.read_bytes())
    assert digest.hexdigest() == expected

"""Dealing the text to shards."""

import zipfile

import pytest

from kortf.data.corpus.text_file import TextFile
from kortf.data.formats.lines import LinesReader
from kortf.data.formats.text import TextReader
from kortf.data.records import plan
from kortf.data.records.plan import RecordsSettings


@pytest.fixture
def text_files(tmp_path):
    files = []
    for name, lines in (("a", 20_000), ("b", 7), ("c", 3_000)):
        path = tmp_path / name
        path.write_text("".join(f"{name}{n}\n" for n in range(lines)))
        files.append(TextFile(str(path), LinesReader()))
    return files


def key(text_files, fingerprint="hash", **settings):
    described = plan.describe_input(text_files)
    return plan.key_of(RecordsSettings(**settings), fingerprint, text_files, described)


@pytest.mark.parametrize("shards", [1, 3, 16])
def test_every_byte_goes_to_one_shard(text_files, shards):
    dealt = plan.deal(text_files, RecordsSettings(shards=shards))
    assert len(dealt) == shards
    pieces = sorted(piece for shard in dealt for piece in shard)
    for number, file in enumerate(text_files):
        ends = [0] + [piece.end for piece in pieces if piece.file == number]
        assert [piece.start for piece in pieces if piece.file == number] == ends[:-1]
        with open(file.path, "rb") as stream:
            assert ends[-1] == len(stream.read())


def test_shards_are_even_and_mixed(text_files):
    dealt = plan.deal(text_files, RecordsSettings(shards=4))
    sizes = [sum(piece.end - piece.start for piece in shard) for shard in dealt]
    assert max(sizes) < 1.3 * min(sizes)
    places = [piece.start for piece in dealt[0] if piece.file == 0]
    assert places != sorted(places)


def test_the_deal_follows_the_seed(text_files):
    first, again, other = (plan.deal(text_files, RecordsSettings(seed=s)) for s in (0, 0, 1))
    assert first == again != other


def test_the_key_tells_what_matters(text_files):
    keys = {
        key(text_files),
        key(text_files, seed=1),
        key(text_files, seq_length=128),
        key(text_files, shards=3),
        key(text_files, pairing="next_sentence"),
        key(text_files, min_chars=1),
        key(text_files, fingerprint="other"),
        key(text_files[:2]),
        key(text_files[::-1]),
        key([TextFile(text_files[0].path, TextReader()), *text_files[1:]]),
    }
    assert len(keys) == 10
    assert key(text_files) in keys


def test_the_key_tells_the_encoding_of_the_members_of_an_archive(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.txt", "가나\n\n다라\n".encode("cp949"))
    encodings = ("utf-8", "cp949", "johab", "auto")
    found = [TextFile.detect(str(tmp_path / "a.zip"), encoding=name) for name in encodings]
    assert len({key([file]) for file in found}) == len(encodings)


def test_the_key_sees_a_changed_byte(text_files):
    before = key(text_files)
    with open(text_files[0].path, "r+b") as file:
        file.write(b"A")
    assert key(text_files) != before

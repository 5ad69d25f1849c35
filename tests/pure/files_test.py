"""Finding, writing and reading files."""

import errno
import hashlib
import io
import json
import os
import sys

import pytest

from kortf import files
from kortf.errors import InputError


@pytest.fixture
def tree(tmp_path, monkeypatch):
    for name in ("a.txt", "[라벨] 말뭉치/1.json", "[라벨] 말뭉치/[2].json", "b/c/d.txt", "b/.e"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("a.txt", ["a.txt"]),
        ("*.txt", ["a.txt"]),
        ("[ab].txt", ["a.txt"]),
        ("[라벨] 말뭉치", ["[라벨] 말뭉치/1.json", "[라벨] 말뭉치/[2].json"]),
        ("[라벨] 말뭉치/*.json", ["[라벨] 말뭉치/1.json", "[라벨] 말뭉치/[2].json"]),
        ("[라벨] 말뭉치/[2].json", ["[라벨] 말뭉치/[2].json"]),
        ("*/[2].json", ["[라벨] 말뭉치/[2].json"]),
        ("[[]라벨] 말뭉치/1.json", ["[라벨] 말뭉치/1.json"]),
        ("b", ["b/c/d.txt"]),
        ("b/**/*.txt", ["b/c/d.txt"]),
    ],
)
def test_a_path_that_exists_is_taken_before_a_glob(tree, pattern, expected):
    assert files.expand([pattern]) == expected
    inside = os.path.join(tree, pattern)
    assert files.expand([inside]) == [os.path.join(tree, name) for name in expected]


def test_each_file_comes_once_in_the_order_given(tree):
    assert files.expand(["b", "*.txt", "a.txt"]) == ["b/c/d.txt", "a.txt"]


def test_home_directory(tree, monkeypatch):
    monkeypatch.setenv("HOME", str(tree))
    assert files.expand(["~/a.txt"]) == [str(tree / "a.txt")]


def test_standard_input_can_be_read_twice(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("가\n".encode())))
    files._copy_of_standard_input.cache_clear()
    (path,) = files.expand(["-"])
    for _ in range(2):
        with files.open_file(path) as file:
            assert file.read().decode() == "가\n"
    assert files.expand(["-"]) == [path]
    files._copy_of_standard_input.cache_clear()


@pytest.mark.parametrize("pattern", ["none.txt", "*.none", "empty"])
def test_a_pattern_without_a_file_is_refused(tree, pattern):
    (tree / "empty").mkdir()
    with pytest.raises(InputError) as caught:
        files.expand([pattern])
    assert caught.value.parts[0] == f"--input={pattern}"


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = str(tmp_path / "a.json")
    files.write_json(path, {"가": 1})
    with pytest.raises(RuntimeError), files.write_beside(path) as file:
        file.write("half")
        raise RuntimeError
    assert files.read_json(path) == {"가": 1}
    assert os.listdir(tmp_path) == ["a.json"]


def test_a_full_disk_is_reported_with_the_file(tmp_path, monkeypatch):
    path = str(tmp_path / "a.json")

    def full(*given):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError) as caught:
        files.write_json(path, 1)
    assert caught.value.filename == path and os.listdir(tmp_path) == []


def test_json_that_is_not_utf8_is_refused_with_its_byte(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(b'{"a": "' + "가".encode("cp949") + b'"}')
    with pytest.raises(InputError) as caught:
        files.read_json(str(path))
    assert caught.value.parts[:2] == (f"{path}, byte 7", "not UTF-8")


def test_written_files_follow_the_umask(tmp_path):
    before = os.umask(0o027)
    try:
        files.write_json(str(tmp_path / "a.json"), 1)
    finally:
        os.umask(before)
    assert (tmp_path / "a.json").stat().st_mode & 0o777 == 0o640


def test_temporary_names_are_hidden_and_differ(tmp_path):
    names = {files.temporary_name("d/a.json") for _ in range(3)}
    assert len(names) == 3
    assert all(os.path.dirname(n) == "d" and os.path.basename(n)[0] == "." for n in names)


def test_sha256(tmp_path):
    (tmp_path / "a").write_bytes(b"x" * 3_000_000)
    assert files.sha256_of(str(tmp_path / "a")) == hashlib.sha256(b"x" * 3_000_000).hexdigest()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"a": \n}', "a.json, line 2"),
        ('{"a": ' + "9" * 5000 + "}", "a.json"),
        ("[" * 100_000, "a.json"),
        ("[" * 5000 + "]" * 5000, "a.json"),
        ('{"a": "\\ud800"}', "a.json"),
        ('{"\\uDC00": 1}', "a.json"),
        ('{"a": NaN}', "a.json"),
        ("[-Infinity]", "a.json"),
        ("", "a.json, character 1"),
    ],
)
def test_json_that_is_refused(tmp_path, text, place):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(InputError) as caught:
        files.read_json(str(tmp_path / "a.json"))
    assert caught.value.parts[0] == str(tmp_path / place)


def test_json_that_is_read(tmp_path):
    value = {"ㄱ": ["\U0001f600", 1.5e300, None, {"b": True}], "a": "\ud7a3"}
    for ascii_only in (True, False):
        (tmp_path / "a.json").write_text(json.dumps(value, ensure_ascii=ascii_only))
        assert files.read_json(str(tmp_path / "a.json")) == value

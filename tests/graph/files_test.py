"""Remote files, through TensorFlow's file systems."""

import os

import pytest

from kortf import files
from kortf.atomic_directory import stage
from kortf.errors import InputError


def test_an_address_without_a_file_system_is_one_line():
    for address in ("https://example.invalid/a.txt", "s3://bucket/a.txt"):
        with pytest.raises(InputError) as caught:
            files.expand([address])
        assert caught.value.parts[0] == address
        with pytest.raises(InputError):
            files.exists(address)


def test_a_directory_far_away_is_written_listed_and_removed(tmp_path):
    away = f"ram://{tmp_path.name}"
    files.makedirs(f"{away}/model/folder")
    files.write_json(f"{away}/model/old.json", 1)
    with stage(f"{away}/model", "config.json", lambda to: files.remove(f"{to}/old.json")) as beside:
        os.mkdir(f"{beside}/folder")
        for name, text in (("config.json", "{}"), ("a", "가"), ("folder/b", "나다")):
            with open(f"{beside}/{name}", "w", encoding="utf-8") as file:
                file.write(text)
    assert files.listdir(f"{away}/model") == ["a", "config.json", "folder"]
    assert files.size(f"{away}/model/folder/b") == len("나다".encode())
    assert files.read_json(f"{away}/model/config.json") == {}
    names = [f"{away}/model/{name}" for name in ("a", "folder/b", "config.json")]
    assert files.each(files.size, names, str) == [3, 6, 2]  # in the order of the items
    files.remove(f"{away}/model/a")
    files.remove(f"{away}/model/a")  # one that is not there
    assert files.listdir(f"{away}/model") == ["config.json", "folder"]
    files.remove(f"{away}/model")
    assert not files.exists(f"{away}/model/config.json")
    for read in (files.size, files.read_json, files.listdir):
        with pytest.raises(InputError) as caught:
            read(f"{away}/none")
        assert caught.value.parts[0] == f"{away}/none"


def test_remote_globs_and_directories():
    for name in ("a.txt", "c/b.txt"):
        files.makedirs(f"ram://corpus/{os.path.dirname(name)}")
        with files.write_beside(f"ram://corpus/{name}") as file:
            file.write("가")
    assert files.expand(["ram://corpus/*.txt"]) == ["ram://corpus/a.txt"]
    assert files.expand(["ram://corpus/c"]) == ["ram://corpus/c/b.txt"]

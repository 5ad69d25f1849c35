"""A directory is replaced as a whole, also where the system cannot swap two paths or link files."""

import ctypes
import errno
import os

import pytest

from kortf.atomic_directory import stage


@pytest.fixture
def directory(tmp_path):
    """A directory with a file that is replaced, one that is kept, and a folder."""
    path = tmp_path / "model"
    (path / "folder").mkdir(parents=True)
    for name in ("config.json", "README.md", "folder/a"):
        (path / name).write_text("old")
    return path


def contents(directory) -> dict[str, str]:
    return {
        str(path.relative_to(directory)): path.read_text()
        for path in directory.rglob("*")
        if path.is_file()
    }


def replace(directory) -> None:
    with stage(str(directory), "config.json") as beside:
        for name in ("config.json", "weights"):
            with open(os.path.join(beside, name), "w") as file:
                file.write("new")
        assert set(contents(directory).values()) == {"old"}  # until the block ends


def failing(number):
    """A function that raises the OSError of a number."""

    def fail(*given, **settings):
        raise OSError(number, os.strerror(number))

    return fail


NEW = {"config.json": "new", "weights": "new", "README.md": "old", "folder/a": "old"}


@pytest.mark.parametrize("swaps", [True, False], ids=["swaps", "cannot swap"])
def test_files_are_replaced_and_others_kept(directory, swaps, monkeypatch):
    if not swaps:
        monkeypatch.setattr(ctypes, "CDLL", lambda *given, **settings: object())
    replace(directory)
    assert contents(directory) == NEW
    assert os.listdir(directory.parent) == ["model"]


def test_the_old_directory_stays_where_the_new_one_cannot_be_put(directory, monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda *given, **settings: object())
    rename = os.rename

    def refuse(source, target):
        if os.path.basename(source).startswith(".model."):
            raise OSError(errno.EACCES, "no")
        rename(source, target)

    monkeypatch.setattr(os, "rename", refuse)
    with pytest.raises(OSError, match="no"):
        replace(directory)
    assert set(contents(directory).values()) == {"old"}
    assert os.listdir(directory.parent) == ["model"]


def test_kept_files_are_copied_where_they_cannot_be_linked(directory, monkeypatch):
    monkeypatch.setattr(os, "link", failing(errno.EPERM))
    replace(directory)
    assert contents(directory) == NEW


def test_a_file_that_cannot_be_kept_is_an_error_and_nothing_changes(directory, monkeypatch):
    monkeypatch.setattr(os, "link", failing(errno.EIO))
    with pytest.raises(OSError, match="Input/output"):
        replace(directory)
    assert set(contents(directory).values()) == {"old"}


def test_a_block_that_fails_leaves_the_old_directory(directory):
    with pytest.raises(ZeroDivisionError), stage(str(directory), "config.json") as beside:
        open(os.path.join(beside, "config.json"), "w").close()
        raise ZeroDivisionError
    assert set(contents(directory).values()) == {"old"}
    assert os.listdir(directory.parent) == ["model"]

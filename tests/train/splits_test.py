"""The parts of a benchmark: which files they are, and what is said when one is not there."""

import pytest

from kortf import tasks
from kortf.errors import InputError
from kortf.train.splits import read_splits
from tests.tasks import published


def split(task, directory):
    return read_splits(task, str(directory), 0.25, seed=0)


def test_several_train_files_are_one_part(tmp_path):
    published.write("kornli", tmp_path)
    splits, hashes = split(tasks.build("kornli"), tmp_path)
    assert {part: len(rows) for part, rows in splits.items()} == {"train": 18, "test": 9, "dev": 9}
    assert sorted(hashes) == sorted(published.FILES["kornli"])


def test_the_file_that_is_missing_is_named(tmp_path):
    published.write("kornli", tmp_path)
    (tmp_path / "snli_1.0_train.ko.tsv").unlink()
    with pytest.raises(InputError, match="snli_1.0_train.ko.tsv: no such file; .*of kornli"):
        split(tasks.build("kornli"), tmp_path)


def test_a_dev_part_can_be_trained_on_once_it_is_no_dev_part(tmp_path):
    published.write("kornli", tmp_path)
    train = {"train_file": "xnli.dev.ko.tsv"}
    with pytest.raises(InputError, match="xnli.dev.ko.tsv is trained on; .*dev_file="):
        split(tasks.build("kornli", **train), tmp_path)
    splits, hashes = split(tasks.build("kornli", **train, dev_file=""), tmp_path)
    assert {part: len(rows) for part, rows in splits.items()} == {"train": 7, "test": 9, "dev": 2}
    assert sorted(hashes) == ["xnli.dev.ko.tsv", "xnli.test.ko.tsv"]


def test_classes_come_from_the_train_part(tmp_path):
    published.write("text_classification", tmp_path)
    task = tasks.build("text_classification")
    split(task, tmp_path)
    assert task.classes == ("2", "10")

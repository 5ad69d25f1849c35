"""The parts of a benchmark: which files they are, and what is said when one is not there."""

import pytest

from kortf import tasks
from kortf.errors import InputError
from kortf.train.splits import examples_meant, read_splits
from tests.harness.tasks import published


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


def test_a_name_may_say_which_examples_are_meant(tmp_path):
    assert examples_meant("dev.tsv[:4000]") == ("dev.tsv", slice(None, 4000))
    assert examples_meant("dev.tsv[4000:]") == ("dev.tsv", slice(4000, None))
    assert examples_meant("a[1].tsv") == ("a[1].tsv", slice(None))
    published.write("kmou_ner", tmp_path)
    parts = {"train_file": "train.words.txt[:2]", "test_file": "train.words.txt[2:5]"}
    splits, hashes = split(tasks.build("kmou_ner", **parts), tmp_path)
    assert {part: len(rows) for part, rows in splits.items()} == {"train": 2, "test": 3, "dev": 6}
    assert sorted(hashes) == sorted(
        f"{part}.{kind}.txt" for part in ("testa", "train") for kind in ("tags", "words")
    )
    with pytest.raises(InputError, match="config.task.test_file: there are no such examples"):
        split(tasks.build("kmou_ner", **parts | {"test_file": "testb.words.txt[50:]"}), tmp_path)


def test_the_test_part_chooses_where_nothing_is_held_back(tmp_path):
    published.write("kmou_ner", tmp_path)
    splits, _ = read_splits(tasks.build("kmou_ner"), str(tmp_path), 0.0, seed=0)
    assert splits["dev"] == splits["test"] and len(splits["train"]) == 6

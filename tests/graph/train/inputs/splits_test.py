"""The parts of a benchmark: which files they are, and what is said when one is not there."""

import pytest

from kortf import tasks
from kortf.errors import InputError
from kortf.train.inputs.splits import examples_meant, hold_back, overlaps, read_splits
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
    with pytest.raises(InputError, match="xnli.dev.ko.tsv: the dev part and the train part share"):
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
    splits, _ = read_splits(tasks.build("kmou_ner"), str(tmp_path), None, seed=0)
    assert splits["dev"] is splits["test"] and len(splits["train"]) == 6


def test_nothing_held_back_means_the_dev_file_or_an_error(tmp_path):
    published.write("kornli", tmp_path)
    splits, hashes = read_splits(tasks.build("kornli"), str(tmp_path), 0.0, seed=0)
    assert "xnli.dev.ko.tsv" in hashes and splits["dev"] is not splits["test"]
    published.write("nsmc", tmp_path)
    for share in (0.0, 1.0, -0.5):
        with pytest.raises(InputError) as caught:
            read_splits(tasks.build("nsmc"), str(tmp_path), share, seed=0)
        assert caught.value.parts[0] == f"config.dev_share={share}"


def test_parts_that_share_examples_are_refused(tmp_path):
    published.write("kmou_ner", tmp_path)
    for parts in (
        {"train_file": "train.words.txt[:3]", "test_file": "train.words.txt[2:5]"},
        {"train_file": "train.words.txt", "test_file": "train.words.txt"},
        {"dev_file": "testb.words.txt[1:]"},
        {"dev_file": "./testb.words.txt"},
    ):
        with pytest.raises(InputError) as caught:
            split(tasks.build("kmou_ner", **parts), tmp_path)
        assert caught.value.parts[0] in ("train.words.txt", "testb.words.txt")


def test_texts_of_one_part_in_another_are_counted():
    rows = [{"text": "가"}, {"text": "나"}, {"text": "가"}]
    found = overlaps({"train": rows[:1], "dev": rows[1:2], "test": rows}, ["text"])
    assert found == {"test in train": 2, "test in dev": 1}
    assert overlaps({"train": [], "dev": rows, "test": [*rows]}, ["text"]) == {"test in dev": 3}
    assert overlaps(dict.fromkeys(["dev", "test"], rows), ["text"]) == {}


def test_files_too_small_to_split_are_named(tmp_path):
    published.write("text_classification", tmp_path)
    header = "text\tlabel\n"
    (tmp_path / "one.tsv").write_text(f"{header}좋다\t1\n\t2\n", encoding="utf-8")
    (tmp_path / "empty.tsv").write_text(f"{header}\t1\n\t2\n", encoding="utf-8")
    for name in ("one.tsv", "empty.tsv"):
        with pytest.raises(InputError) as caught:
            split(tasks.build("text_classification", train_file=name, classes="1,2,10"), tmp_path)
        assert caught.value.parts[0] == "config.task.train_file"


def test_a_stratified_part_has_the_same_share_of_each_label():
    rows = [{"text": str(i), "label": int(i % 10 == 0)} for i in range(200)]
    kept, held = hold_back(rows, 0.1, seed=3, stratify=True)
    assert len(held) == 20 and sum(row["label"] for row in held) == 2
    assert [row["text"] for row in kept] == sorted((r["text"] for r in kept), key=int)
    assert hold_back(rows, 0.1, seed=3, stratify=True)[1] == held
    assert hold_back(rows, 0.1, seed=4, stratify=True)[1] != held
    assert len(hold_back(rows[:2], 0.9, seed=0)[0]) == 1


def test_folds_are_disjoint_and_together_all_rows():
    rows = [{"text": str(i), "label": i % 3} for i in range(11)]
    held = [hold_back(rows, 0.1, seed=3, stratify=True, fold=(i, 4))[1] for i in range(4)]
    assert sorted(int(row["text"]) for part in held for row in part) == list(range(11))
    assert [len(part) for part in held] == [2, 3, 3, 3]
    kept, part = hold_back(rows, 0.1, seed=3, fold=(1, 4))
    assert len(kept) + len(part) == 11
    with pytest.raises(InputError, match="config.folds=12: "):
        hold_back(rows, 0.1, seed=3, fold=(0, 12))


def test_rows_without_labels_cannot_be_stratified():
    with pytest.raises(InputError, match="config.stratify=True: "):
        hold_back([{"text": "가"}, {"text": "나"}], 0.5, seed=0, stratify=True)


def test_a_file_that_is_named_twice_is_refused(tmp_path):
    published.write("text_classification", tmp_path)
    for name in ("train.tsv,train.tsv", "train.tsv[:5],./train.tsv[4:]"):
        with pytest.raises(InputError) as caught:
            split(tasks.build("text_classification", train_file=name), tmp_path)
        assert caught.value.parts[0].endswith("train.tsv")


def test_rows_without_text_are_counted(tmp_path):
    published.write("nsmc", tmp_path)
    task = tasks.build("nsmc")
    splits, _ = split(task, tmp_path)
    assert sum(len(splits[part]) for part in ("train", "dev")) == 3 * published.TIMES
    assert task.notes()["dropped"] == {"ratings_train.txt": published.TIMES}


def test_texts_that_differ_in_form_alone_are_the_same():
    parts = {"train": [{"text": "각 나라"}], "test": [{"text": "\u1100\u1161\u11a8  나라 "}]}
    assert overlaps(parts, ["text"]) == {"test in train": 1}

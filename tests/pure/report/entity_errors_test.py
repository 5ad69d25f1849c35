"""Entities that were missed, made up or mistaken, in every form that tasks write."""

import json

import pytest

from kortf.report.errors.findings import find_errors
from kortf.report.errors.tagged import Tagged, read_words_and_tags
from kortf.report.run import read_run

HEAD = "## klue-ner-v1\n\n"


def by_character(*sentences, comment="") -> str:
    """A character and its tag a line."""
    blocks = []
    for text, tags in sentences:
        lines = [f"{c}\t{t}\n" for c, t in zip(text, tags.split(), strict=True)]
        blocks.append(comment + "".join(lines) + "\n")
    return "".join(blocks)


@pytest.fixture
def find(make_finetuning, rescore, gold):
    """Finds the errors of predictions (file name to content) on a scored file."""

    def run(file_name, text, predictions, **others):
        directory = rescore(make_finetuning(), file_name, text, {"label_at": "first"}, **others)
        (directory / "predictions.tsv").unlink()
        for name, content in predictions.items():
            (directory / name).write_text(content, encoding="utf-8")
        return find_errors(read_run(str(directory)), [str(gold)])

    return run


def test_characters(find):
    text = HEAD + by_character(("# 왕", "O O B-PS"), ("서울에 간 날", "B-LC I-LC O O O O B-DT"),
                               comment="## 1\t<>\n")  # fmt: skip
    ours = by_character(("# 왕", "O O B-OG"), ("서울에 간 날", "B-LC I-LC O O B-PS O O"))
    errors = find("dev.tsv", text, {"predictions.tsv": ours})
    assert errors.missing == ""
    assert errors.confusion.labels == ["DT", "LC", "OG", "PS", "–"]
    table = {row[0]: row[1:] for row in errors.confusion.table().rows}
    assert table["LC"] == ["0", "1", "0", "0", "0", "1.0000"]
    assert table["DT"] == ["0", "0", "0", "0", "1", "0.0000"]
    assert table["–"] == ["0", "0", "0", "1", "0", "–"]
    assert errors.errors.rows == [
        ["서울에 간 【날】", "DT", "–"],
        ["# 【왕】", "PS", "OG"],
        ["서울에 【간】 날", "–", "PS"],
    ]


def test_a_part_of_a_file(find):
    text = HEAD + by_character(("왕", "B-PS"), ("서울", "B-LC I-LC"))
    ours = by_character(("서울", "B-LC I-LC"))
    errors = find("dev.tsv", text, {"predictions.tsv": ours})
    assert errors.confusion is None and errors.errors.rows == []  # one class, no mistake


def test_words_and_tags(find):
    errors = find(
        "testb.words.txt", "서울 에\n\n세종 대왕\n",
        {"predictions.tags.txt": "B-LOC O\nB-PER O\n"},
        others={"testb.tags.txt": "B-LOC O\n\nB-PER I-PER\n"},
    )  # fmt: skip
    assert errors.errors.rows == [["【세종 대왕】", "PER", "–"], ["【세종】 대왕", "–", "PER"]]
    assert read_words_and_tags(["서울 에"], ["B-LOC O"]) == [
        Tagged("서울 에", frozenset({(0, 2, "LOC")}))
    ]


def test_sentences_a_line(find):
    text = "세종 대왕\tPER-B PER-I\n서울 은\tLOC-B O\n"
    ours = "세종 대왕\tPER-B O\n서울 은\tLOC-B O\n"
    errors = find("test.tsv", text, {"predictions.tsv": ours})
    assert errors.errors.rows == [["【세종 대왕】", "PER", "–"], ["【세종】 대왕", "–", "PER"]]


def test_numbered_words(find):
    text = "1\t세종\tPER_B\n2\t은\t-\n\n1\t서울\tLOC_B\n\n"
    ours = text.replace("LOC_B", "ORG_B")
    errors = find("test.tsv", text, {"predictions.tsv": ours})
    assert errors.errors.rows == [["【서울】", "LOC", "ORG"]]


def test_json_lines(find):
    rows = [{"tokens": ["세종", "은"], "tags": ["B-PS", "O"]},
            {"text": "서울에", "entities": [{"start": 0, "end": 2, "label": "LC"}]}]  # fmt: skip
    text = "".join(json.dumps(row) + "\n" for row in rows)
    ours = [{"text": "세종 은", "entities": []},
            {"text": "서울에", "entities": [{"start": 0, "end": 2, "label": "OG"}]}]  # fmt: skip
    ours = "".join(json.dumps(row) + "\n" for row in ours)
    errors = find("test.jsonl", text, {"predictions.jsonl": ours})
    assert errors.errors.rows == [["【서울】에", "LC", "OG"], ["【세종】 은", "PS", "–"]]


@pytest.mark.parametrize("ours, words", [
    (by_character(("부산", "B-LC I-LC")), "do not hold the same sentences"),
    ("a\tb\tc\td\nno tab", "no known form"),
])  # fmt: skip
def test_what_does_not_fit_is_said(ours, words, find):
    text = by_character(("서울", "B-LC I-LC"))
    errors = find("dev.tsv", text, {"predictions.tsv": ours})
    assert words in errors.missing

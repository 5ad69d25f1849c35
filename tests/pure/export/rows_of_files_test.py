"""Which parts of a file are texts to be answered."""

import pytest

from kortf.data.reader import BadRows
from kortf.errors import InputError
from kortf.export.rows_of_files import RowReader
from kortf.export.texts import check_text


def read(name, lines, inputs=("text",), **settings):
    return list(RowReader(name, inputs, **settings).rows(lines, 1))


NSMC = ["id\tdocument\tlabel", "1\t좋다\t1", "2\t\t0"]
PAIRS = ["id\tquestion1\tquestion2\tis_duplicate", "1\t가\t나\t0"]


def test_plain_lines_are_texts():
    assert read("a.txt", ["좋다", "", "별로 \t 였다"]) == [["좋다"], [""], ["별로 \t 였다"]]


def test_headers_ids_and_labels_are_no_texts():
    for name in ("ratings_test.txt", "standard input", "a.tsv", "a.tsv.gz"):
        assert read(name, NSMC) == [["좋다"], [""]]
    reader = RowReader("a.tsv", ("text",))
    list(reader.rows(NSMC, 1))
    assert "document" in reader.note and "id, label" in reader.note


def test_pairs():
    inputs = ("text", "text_pair")
    lines = ["sentence1\tsentence2\tgold", "가\t나\t1"]
    assert read("a.tsv", lines, inputs) == [["가", "나"]]
    assert read("a.txt", ["가\t나"], inputs) == [["가", "나"]]
    with pytest.raises(InputError, match="a.txt, line 2"):
        read("a.txt", ["가\t나", "가"], inputs)


def test_names_given_or_trained_come_first():
    lines = ["text\treview\tlabel", "본문\t평\t1"]
    assert read("a.tsv", lines) == [["본문"]]
    assert read("a.tsv", lines, fields=["review"]) == [["평"]]
    assert read("a.tsv", lines, trained=["review"]) == [["평"]]
    assert read("a.jsonl", ['{"review": "평", "text": "본문"}'], trained=["review"]) == [["평"]]
    with pytest.raises(InputError, match="no column 'title'"):
        read("a.tsv", lines, fields=["title"])
    with pytest.raises(InputError, match="--text_fields"):
        read("a.tsv", lines, fields=["a", "b"])


@pytest.mark.parametrize("name", ["a.tsv", "a.txt"])
def test_columns_without_names_are_refused(name):
    with pytest.raises(InputError, match="line 1: 3 columns"):
        read(name, ["1\t좋다\t1"])


def test_rows_of_other_widths_are_refused():
    with pytest.raises(InputError, match="line 2"):
        read("a.tsv", ["id\ttext", "1\t가\t나"])


def test_cells_of_tables():
    rows = [("a.csv, line 2", {"id": "1", "document": "좋다", "label": "1"})]
    reader = RowReader("a.csv", ("text",))
    assert list(reader.cells(rows)) == [["좋다"]]
    assert "document" in reader.note and "id, label" in reader.note
    assert list(RowReader("a", ("text",), fields=["label"]).cells(rows)) == [["1"]]


@pytest.mark.parametrize(
    "row",
    [{"other": "가"}, {"text": None}, {"text": 3}, {"text": "\ud83d"}, InputError("x", "y", "z")],
)
def test_cells_that_are_no_text_are_refused(row):
    with pytest.raises(InputError):
        list(RowReader("a.csv", ("text",)).cells([("a.csv, line 2", row)]))


def test_json_lines():
    lines = ['{"question": "누구?", "context": "세종", "id": 3}']
    assert read("a.jsonl.zst", lines, ("question", "context")) == [["누구?", "세종"]]
    for line in ("{", "[]", '{"text": 1}', '{"other": "가"}', '{"text": "\\ud83d"}', "NaN"):
        with pytest.raises(InputError, match="a.jsonl, line 1"):
            read("a.jsonl", [line])


def test_halves_of_surrogate_pairs_are_refused():
    assert check_text("\0 😀", "x") == "\0 😀"
    with pytest.raises(InputError, match="x: .* character 2"):
        check_text("가\ud83d", "x")


def test_bad_rows_are_skipped_and_counted():
    error = InputError("a.tsv, line 5", "not UTF-8", "correct it")
    lines = ["id\ttext", "1\t가", "2", "3\t나", error, "4\t다"]
    bad_rows = BadRows(skip=True)
    assert read("a.tsv", lines, report=bad_rows.report) == [["가"], ["나"], ["다"]]
    assert bad_rows.count == 2 and "line 3" in bad_rows.samples[0]
    for number in (2, 4):
        with pytest.raises(InputError, match="line"):
            read("a.tsv", lines[:1] + lines[number : number + 1])
    bad_rows = BadRows(skip=True)
    lines = ['{"text": "가"}', "{", '{"text": 7}', '{"text": "\\ud83d"}', '{"text": "나"}']
    assert read("a.jsonl", lines, report=bad_rows.report) == [["가"], ["나"]]
    assert bad_rows.count == 3
    bad_rows = BadRows(skip=True)
    rows = [("row 2", {"text": "가"}), ("row 3", error), ("row 4", {"text": None}), ("row 5", {})]
    assert list(RowReader("a.csv", ("text",), report=bad_rows.report).cells(rows)) == [["가"]]
    assert bad_rows.count == 3

"""Tables: the two formats, and what is wrong in a line."""

import pytest

from kortf.errors import InputError
from kortf.tasks.readers.table import read_table, read_tsv
from tests.harness.tasks.published import json_lines


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def test_example(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "a.tsv", 'id\ttext\n7\t"좋다\n')
    assert list(read_tsv("a.tsv", ["text"])) == [("a.tsv, line 2", {"id": "7", "text": '"좋다'})]


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_marks_and_line_ends(tmp_path, mark, end):
    path = write(tmp_path / "a.tsv", f"{mark}text\tlabel{end or chr(10)}좋다\t1{end}")
    assert [row for _, row in read_tsv(path, ["text", "label"])] == [{"text": "좋다", "label": "1"}]


def test_a_header_that_may_be_missing(tmp_path):
    for content in ("1\t좋다\n", "id\ttext\n1\t좋다\n"):
        rows = list(read_tsv(write(tmp_path / "a", content), ["id", "text"], header=False))
        assert [row for _, row in rows] == [{"id": "1", "text": "좋다"}]


def test_the_ending_tells_the_format(tmp_path):
    rows = [{"text": "한\t줄\n또 한 줄", "label": 1}]
    path = write(tmp_path / "a.jsonl", json_lines(*rows) + "\n")
    assert list(read_table(path, ["text"])) == [(f"{path}, line 1", rows[0])]
    path = write(tmp_path / "a.txt", "text\n좋다\n")
    assert [row for _, row in read_table(path, ["text"])] == [{"text": "좋다"}]


@pytest.mark.parametrize(
    "content, words",
    [
        ("", "the file is empty"),
        ("id\tlabel\n1\t2\n", "line 1: there is no column 'text' in the header (id, label)"),
        (b"text\xff\n", "line 1, byte 4: not UTF-8"),
        ("text\tlabel\ttext\n1\t2\t3\n", "line 1: 2 columns named 'text'"),
    ],
)
def test_a_file_without_its_header_is_refused(tmp_path, content, words):
    with pytest.raises(InputError) as caught:
        list(read_tsv(write(tmp_path / "a.tsv", content), ["text"]))
    assert words in str(caught.value)


def test_bad_lines_are_handed_on_among_the_good(tmp_path):
    path = write(tmp_path / "a.tsv", b"text\tlabel\nx\ty\tz\n\xff\t1\n\ngood\t1\n")
    rows = list(read_tsv(path, ["text"]))
    assert [place for place, _ in rows] == [f"{path}, line {n}" for n in (2, 3, 5)]
    words = ["3 fields where 2 are expected (text, label)", "not UTF-8 (0x"]
    for (place, error), expected in zip(rows, words, strict=False):
        assert isinstance(error, InputError)
        assert str(error).startswith(place) and expected.split(" (")[0] in str(error)
    assert rows[-1][1] == {"text": "good", "label": "1"}


def test_bad_json_is_named(tmp_path):
    path = write(tmp_path / "a.jsonl", '{"text": "좋\n[1]\n{"label": 1}\n{"text": "좋다"}\n')
    errors = [str(row) for _, row in read_table(path, ["text"])]
    assert "line 1, character 10: not JSON" in errors[0]
    assert "line 2: not a JSON object" in errors[1]
    assert "line 3: there is no field 'text' (label)" in errors[2]
    assert errors[3] == "{'text': '좋다'}"

"""Rows of labelled files: every form gives the same rows, and errors name the row."""

import csv
import gzip
import json

import pytest

from kortf.data.tables import Table
from kortf.errors import InputError

ROWS = [{"text": '봄, "꽃"\n둘째 줄', "label": "1"}, {"text": "똠방각하\t뷁", "label": "0"}]


def write_csv(path, encoding="utf-8"):
    with open(path, "w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, ["text", "label"])
        writer.writeheader()
        writer.writerows(ROWS)


def write_json(path):
    path.write_text(json.dumps(ROWS, ensure_ascii=False, indent=1), encoding="utf-8")


def write_wrapped(path):
    value = {"version": "1", "data": ROWS}
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


def write_parquet(path):
    pa = pytest.importorskip("pyarrow")
    pytest.importorskip("pyarrow.parquet").write_table(pa.Table.from_pylist(ROWS), path)


def write_arrow(path):
    pa = pytest.importorskip("pyarrow")
    table = pa.Table.from_pylist(ROWS)
    with pytest.importorskip("pyarrow.ipc").new_stream(path, table.schema) as file:
        file.write_table(table)


def write_xlsx(path):
    workbook = pytest.importorskip("openpyxl").Workbook()
    workbook.active.append(["text", None, "label"])
    for row in ROWS:
        workbook.active.append([row["text"], "다른 것", float(row["label"])])
    workbook.save(path)


FORMS = {
    "a.csv": write_csv,
    "a.json": write_json,
    "b.json": write_wrapped,
    "a.parquet": write_parquet,
    "a.arrow": write_arrow,
    "a.xlsx": write_xlsx,
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_gives_the_same_rows(tmp_path, name):
    FORMS[name](tmp_path / name)
    rows = list(Table.open(str(tmp_path / name)).rows())
    assert [row for _, row in rows] == ROWS
    assert all(place.startswith(f"{tmp_path / name}, ") for place, _ in rows)
    assert len({place for place, _ in rows}) == len(ROWS)


def test_the_encoding_of_excel(tmp_path):
    path = tmp_path / "a.csv"
    write_csv(path, "cp949")
    for encoding in ("cp949", "auto"):
        assert [row for _, row in Table.open(str(path), encoding).rows()] == ROWS
    with pytest.raises(InputError, match="--encoding=cp949"):
        list(Table.open(str(path)).rows())
    packed = tmp_path / "b.csv.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert [row for _, row in Table.open(str(packed), "cp949").rows()] == ROWS


@pytest.mark.parametrize("content", ['{"text": "가"}\n{"text": "나"}\n', '{"text": "가", "a": []}'])
def test_json_lines_are_lines_under_any_name(tmp_path, content):
    for name in ("a.json", "a.jsonl", "a.ndjson.gz"):
        data = content.encode()
        (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith("gz") else data)
        table = Table.open(str(tmp_path / name))
        assert table.reader is None and table.json
        assert [line for _, line in table.lines()] == content.splitlines()


def test_lines_of_another_encoding(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_bytes("text\tlabel\n좋다\t1\n".encode("cp949"))
    table = Table.open(str(path), "cp949")
    assert [line for _, line in table.lines()] == ["text\tlabel", "좋다\t1"]


@pytest.mark.parametrize(
    ("name", "content", "place"),
    [
        ("a.csv", "text,label\n가,1\n나\n", "line 3"),
        ("a.csv", "text,text\n가,1\n", "line 1"),
        ("a.csv", 'text,label\n"가,1\n', "line 2"),
        ("a.json", '[{"text": "가"}, 3]', "byte 18"),
        ("a.json", '[{"text": "가"}', "byte 16"),
        ("a.json", '{"data": [{"a": 1}], "rows": [{"a": 2}]}', "byte 30"),
        ("a.json", '{\n"text": "가"}', "no array"),
        ("a.txt", "", "empty"),
        ("a.parquet", "PAR1 broken", "parquet"),
        ("a.txt", "%PDF-1.4\n%\xe2\xe3\xcf\xd3\n\0", "PDF"),
    ],
)
def test_what_is_no_row_is_named(tmp_path, name, content, place):
    data = content.encode("latin-1" if "PDF" in content else "utf-8")
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError) as caught:
        table = Table.open(str(tmp_path / name))
        for _, row in table.rows() if table.reader else table.lines():
            if isinstance(row, InputError):
                raise row
    assert place in str(caught.value) and str(tmp_path / name) in str(caught.value)

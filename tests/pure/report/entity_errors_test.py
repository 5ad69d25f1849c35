"""Entities that were missed, invented or confused."""

from kortf.report.errors.findings import find_errors
from kortf.report.run import read_run


def entity(start, end, label, **more):
    return {"start": start, "end": end, "label": label} | more


def test_entities_of_both_sides(make_finetuning):
    text = "서울에 간 날"
    rows = [
        {
            "text": text,
            "gold": [entity(0, 2, "LC"), entity(6, 7, "DT")],
            "predicted": [entity(0, 2, "LC", score=0.9), entity(4, 5, "PS", score=0.6)],
            "score": 0.6,
        },
        {
            "text": "# 왕",
            "gold": [entity(2, 3, "PS")],
            "predicted": [entity(2, 3, "OG", score=1.0)],
        },
        {"text": "비가 온다", "gold": [], "predicted": []},
    ]
    errors = find_errors(read_run(str(make_finetuning(rows=rows))))
    assert errors.confusion.labels == ["DT", "LC", "OG", "PS", "–"]
    table = {row[0]: row[1:] for row in errors.confusion.table().rows}
    assert table["LC"] == ["0", "1", "0", "0", "0", "1.0000"]
    assert table["DT"] == ["0", "0", "0", "0", "1", "0.0000"]
    assert table["–"] == ["0", "0", "0", "1", "0", "–"]
    assert errors.errors.rows == [
        ["# 【왕】", "PS", "OG", "1.000"],
        ["서울에 【간】 날", "–", "PS", "0.600"],
        ["서울에 간 【날】", "DT", "–", "–"],
    ]
    assert "서울에 <mark>간</mark> 날" in errors.errors.html()


def test_long_texts_are_cut_around_the_entity(make_finetuning):
    text = "가" * 40 + "서울" + "나" * 40
    rows = [{"text": text, "gold": [entity(40, 42, "LC")], "predicted": []}]
    errors = find_errors(read_run(str(make_finetuning(rows=rows))))
    assert errors.errors.rows == [["…" + "가" * 24 + "【서울】" + "나" * 24 + "…", "LC", "–", "–"]]

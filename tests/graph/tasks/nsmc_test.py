"""NSMC: the published format, its quoting, and what is wrong in a row."""

import numpy as np
import pytest

from kortf import tasks
from kortf.errors import InputError
from kortf.tasks.benchmarks.nsmc import unquote

HEADER = "id\tdocument\tlabel\n"


def test_reads_the_published_format(tmp_path):
    path = tmp_path / "ratings_train.txt"
    path.write_text(
        HEADER + '1\t재밌다 ㅋㅋ\t1\n2\t\t0\n3\t"그는 ""왕""이다"\t0\n', encoding="utf-8"
    )
    rows = tasks.build("nsmc").read(str(path))
    assert rows == [
        {"id": "1", "text": "재밌다 ㅋㅋ", "label": 1},
        {"id": "2", "text": "", "label": 0},
        {"id": "3", "text": '그는 "왕"이다', "label": 0},
    ]


def test_unquote():
    assert unquote('"그는 ""왕""이다"') == '그는 "왕"이다'
    assert unquote("재밌다") == "재밌다"
    assert unquote('"') == '"'


@pytest.mark.parametrize(
    "body, place, problem",
    [
        ("1\t좋다\n", "line 2", "2 fields"),
        ("1\t좋다\t1\n2\t좋\t다\t1\n", "line 3", "4 fields"),
        ("1\t좋다\t2\n", "line 2", "label '2'"),
        ("", "ratings", "no rows"),
    ],
)
def test_bad_rows_are_named(tmp_path, body, place, problem):
    path = tmp_path / "ratings_train.txt"
    path.write_text(HEADER + body, encoding="utf-8")
    with pytest.raises(InputError, match=f"{place}.*{problem}"):
        tasks.build("nsmc").read(str(path))


def test_not_utf8_is_named(tmp_path):
    path = tmp_path / "r.txt"
    path.write_bytes(HEADER.encode() + "1\t좋다\t1\n".encode("cp949"))
    with pytest.raises(InputError, match="line 2, byte 2: not UTF-8"):
        tasks.build("nsmc").read(str(path))


def test_predictions_are_written_in_the_same_format(tmp_path):
    task = tasks.build("nsmc")
    rows = [{"id": "7", "text": "좋다", "label": 0}]
    found = {"scores": np.array([[0.1, 0.9]])}
    path = task.write_predictions(str(tmp_path / "predictions"), found, rows)
    assert open(path, encoding="utf-8").read() == HEADER + "7\t좋다\t1\n"
    assert task.read(path) == [{"id": "7", "text": "좋다", "label": 1}]
    assert task.score(found, rows) == {"accuracy": 0.0, "macro_f1": 0.0}

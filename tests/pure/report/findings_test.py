"""Confusion matrices and the worst errors, from the scored examples of a run."""

import json
import re

import pytest

from kortf.errors import InputError
from kortf.report.errors.findings import find_errors
from kortf.report.run import read_run
from kortf.report.sections.details import details


@pytest.fixture
def find(make_finetuning):
    def run(*rows, **settings):
        rows = list(rows) or None
        return find_errors(read_run(str(make_finetuning(rows=rows, **settings))))

    return run


def test_confusion_and_mistakes(find):
    found = find(answers="011")
    assert found.confusion.table().rows == [
        ["negative", "0", "2", "0.0000"],
        ["positive", "1", "0", "0.0000"],
    ]
    assert found.errors.rows == [
        ["굳 ㅋ", "positive", "negative", "0.750"],
        ['그는 "왕"이다', "negative", "positive", "0.750"],
        ["별로 | <b>최악</b>", "negative", "positive", "0.750"],
    ]
    assert "<b>" not in found.errors.html() and "\\| \\<b>" in found.errors.markdown()


def test_the_most_certain_mistakes_come_first(find):
    rows = [
        {"text": f"글 {i}", "gold": "나쁨", "predicted": "좋음", "score": i / 20} for i in range(20)
    ]
    assert find(*rows).errors.rows[0] == ["글 19", "나쁨", "좋음", "0.950"]


def test_classes_and_calibration_are_tables(make_finetuning):
    scores = [(0.95, True), (0.85, False), (0.55, True), (0.65, True), (0.65, False)]
    rows = [
        {"text": "글", "gold": "좋음" if right else "<나쁨>", "predicted": "좋음", "score": score}
        for score, right in scores
    ]
    directory = make_finetuning(rows=rows)
    path = directory / "eval.json"
    by_class = {
        "<나쁨>": {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 2},
        "좋음": {"precision": 0.6, "recall": 1.0, "f1": 0.75, "support": 1234},
    }
    more = {"by_class": by_class, "calibration_error": 0.21}
    path.write_text(json.dumps(json.loads(path.read_text()) | more))
    page = details(find_errors(read_run(str(directory))))
    text = re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL)
    cells = re.findall(r"<td[^>]*>(.*?)</td>", text, flags=re.DOTALL)
    rows = "|".join(cells)
    # The most frequent class first, then the bins, the least confident first.
    assert "좋음|0.6000|1.0000|0.7500|1,234|&lt;나쁨&gt;|0.0000|0.0000|0.0000|2" in rows
    assert "0.550|1.000|1|0.650|0.500|2|0.850|0.000|1|0.950|1.000|1" in rows
    assert "Expected calibration error: 0.2100" in text and page.count("<svg") == 2
    assert "<나쁨>" not in page


def test_a_run_without_examples_says_what_writes_them(make_finetuning):
    directory = make_finetuning()
    (directory / "examples.jsonl").unlink()
    assert "kortf evaluate" in details(find_errors(read_run(str(directory))))


def test_without_examples_nothing_is_shown(make_finetuning):
    directory = make_finetuning()
    (directory / "examples.jsonl").unlink()
    found = find_errors(read_run(str(directory)))
    assert "examples.jsonl" in found.missing and found.confusion is None


def test_a_damaged_line_is_named(make_finetuning):
    directory = make_finetuning()
    with open(directory / "examples.jsonl", "a") as file:
        file.write('{"text": "가"}\n')
    with pytest.raises(InputError) as caught:
        find_errors(read_run(str(directory)))
    assert caught.value.parts[0] == f"{directory}/examples.jsonl, line 4"


def test_pairs_and_lists_of_labels(find):
    found = find(
        {"text": "나", "text_pair": "다", "gold": ["욕설", "차별"], "predicted": [], "score": None}
    )
    assert found.errors.rows == [["나 │ 다", "욕설, 차별", "", "–"]]


def test_numbers_farthest_first(find):
    rows = [
        {"text": "가", "gold": 4.0, "predicted": 3.0, "score": None},
        {"text": "다", "gold": 0.5, "predicted": 4.5, "score": None},
    ]
    found = find(*rows)
    assert found.confusion is None
    assert found.errors.rows == [["다", "0.5", "4.5"], ["가", "4.0", "3.0"]]


def test_the_gold_answer_is_marked_in_its_text(find):
    row = {"id": "1", "question": "수도는?", "context": "그 나라의 수도는 한별이다."}
    found = find(row | {"gold": ["한별"], "predicted": "나라"})
    assert found.errors.rows[0][4] == "그 나라의 수도는 【한별】이다."
    assert "<mark>한별</mark>이다" in found.errors.html()


def test_answers_with_the_fewest_characters_right_first(find):
    questions = [
        ("누가 한글을 만들었나?", ["세종대왕"], "세종대왕이"),
        ("수도는?", ["서울"], "서울"),
        ("언제?", ["1446년"], ""),
        ("왜?", [], ""),
        ("어디?", [], "여기"),
    ]
    found = find(
        *(
            {"id": str(i), "question": q, "context": "…", "gold": gold, "predicted": answer}
            for i, (q, gold, answer) in enumerate(questions)
        )
    )
    assert found.errors.rows == [
        ["언제?", "1446년", "–", "0.00"],
        ["어디?", "–", "여기", "0.00"],
        ["누가 한글을 만들었나?", "세종대왕", "세종대왕이", "0.89"],
        ["수도는?", "서울", "서울", "1.00"],
        ["왜?", "–", "–", "1.00"],
    ]

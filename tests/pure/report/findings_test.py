"""What a model got wrong: confusion matrices, the worst errors, and why they are not shown."""

import json

import pytest

from kortf.report.errors.findings import find_errors
from kortf.report.run import read_run

QUESTIONS = {"data": [{"paragraphs": [{"qas": [
    {"id": "1", "question": "누가 한글을 만들었나?", "answers": [{"text": "세종대왕"}]},
    {"id": "2", "question": "수도는?", "answers": [{"text": "서울"}]},
    {"id": "3", "question": "언제?", "answers": [{"text": "1446년"}]},
]}]}]}  # fmt: skip


def test_confusion_and_mistakes(make_finetuning, gold):
    run = read_run(str(make_finetuning(answers="011")))
    found = find_errors(run, [str(gold)])
    assert found.confusion.table().rows == [
        ["0 negative", "0", "2", "0.0000"],
        ["1 positive", "1", "0", "0.0000"],
    ]
    assert found.errors.rows == [
        ['그는 "왕"이다', "0 negative", "1 positive"],
        ["별로 | <b>최악</b>", "0 negative", "1 positive"],
        ["굳 ㅋ", "1 positive", "0 negative"],
    ]
    assert "<b>" not in found.errors.html() and "\\| \\<b>" in found.errors.markdown()


def test_gold_is_found_below_a_directory(make_finetuning, gold):
    run = read_run(str(make_finetuning()))
    found = find_errors(run, [str(gold.parent)])
    assert found.missing == ""
    assert found.confusion.table().rows[0] == ["0 negative", "1", "1", "0.5000"]


@pytest.mark.parametrize(
    "data, words", [("", "give --data=DIR with ratings_test.txt in it"), ("empty", "there is no")]
)
def test_no_gold_no_matrix(data, words, make_finetuning, tmp_path):
    (tmp_path / "empty").mkdir()
    run = read_run(str(make_finetuning()))
    found = find_errors(run, [str(tmp_path / data)] if data else [])
    assert words in found.missing and found.confusion is None


def test_another_file_of_the_name_is_refused(make_finetuning, gold):
    run = read_run(str(make_finetuning()))
    with open(gold / "ratings_test.txt", "a") as file:
        file.write("4\t좋다\t1\n")
    assert "SHA-256 differs" in find_errors(run, [str(gold)]).missing


def test_rows_that_the_task_dropped_are_passed_over(make_finetuning, gold, rescore):
    text = "id\tsentence1\tsentence2\tlabel\n1\tNS\t가\t1\n2\t나\t다\t0\n"
    directory = rescore(make_finetuning(), "test_2k.tsv", text)
    (directory / "predictions.tsv").write_text("id\tsentence1\tsentence2\tlabel\n2\t나\t다\t1\n")
    found = find_errors(read_run(str(directory)), [str(gold)])
    assert found.errors.rows == [["나 │ 다", "0 negative", "1 positive"]]


def test_predictions_of_other_rows_are_refused(make_finetuning, gold):
    directory = make_finetuning()
    (directory / "predictions.tsv").write_text("id\tdocument\tlabel\n9\t다른 글\t1\n")
    found = find_errors(read_run(str(directory)), [str(gold)])
    assert "do not hold the same rows" in found.missing


def test_own_classes_in_json_lines(make_finetuning, gold, rescore):
    text = '{"문장": "좋다", "감정": "기쁨"}\n{"문장": "싫다", "감정": "슬픔"}\n'
    directory = rescore(make_finetuning(), "mine.jsonl", text, {"label_field": "감정"})
    (directory / "predictions.tsv").unlink()
    (directory / "predictions.jsonl").write_text(text.replace("슬픔", "기쁨"))
    found = find_errors(read_run(str(directory)), [str(gold)])
    assert found.errors.rows == [["싫다", "슬픔", "기쁨"]]
    assert found.confusion.labels == ["기쁨", "슬픔"]


def test_numbers_farthest_first(make_finetuning, gold, rescore):
    head = "genre\tfilename\tyear\tid\tscore\tsentence1\tsentence2\n"
    rows = [("1", "4.0", "가", "나"), ("2", "0.5", "다", "라")]
    text = head + "".join(f"news\tf\t2014\t{i}\t{s}\t{a}\t{b}\n" for i, s, a, b in rows)
    directory = rescore(make_finetuning(), "sts-test.tsv", text)
    evaluation = json.loads((directory / "eval.json").read_text())
    evaluation["scores"] = {"spearman": 0.5, "pearson": 0.5}
    (directory / "eval.json").write_text(json.dumps(evaluation))
    text = text.replace("\t4.0\t", "\t3.000\t").replace("\t0.5\t", "\t4.500\t")
    (directory / "predictions.tsv").write_text(text)
    found = find_errors(read_run(str(directory)), [str(gold)])
    assert found.confusion is None
    assert found.errors.rows == [["다 │ 라", "0.5", "4.500"], ["가 │ 나", "4.0", "3.000"]]


def test_answers_with_the_fewest_characters_right_first(make_finetuning, gold, rescore):
    text = json.dumps(QUESTIONS)
    directory = rescore(make_finetuning(), "KorQuAD_v1.0_dev.json", text)
    (directory / "predictions.json").write_text(json.dumps({"1": "세종대왕이", "2": "서울"}))
    found = find_errors(read_run(str(directory)), [str(gold)])
    assert found.errors.rows == [
        ["언제?", "1446년", "–", "0.00"],
        ["누가 한글을 만들었나?", "세종대왕", "세종대왕이", "0.89"],
        ["수도는?", "서울", "서울", "1.00"],
    ]

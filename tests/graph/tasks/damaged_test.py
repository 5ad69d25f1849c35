"""Damaged rows of every benchmark and of own files: refused with the file and the line."""

import json

import pytest

from kortf import tasks
from kortf.errors import InputError
from tests.harness.tasks import published

# Column of the label of each table, and a label that is none.
LABELS = {
    "nsmc": ("label", "2"),
    "kornli": ("gold_label", "-"),
    "korsts": ("score", "3,5"),
    "paws": ("label", "2"),
    "question_pair": ("is_duplicate", ""),
    "hate_speech": ("hate", "None"),
    "kobest_boolq": ("Answer", "yes"),
    "kobest_copa": ("Answer", "3"),
    "kobest_hellaswag": ("label", "4"),
    "kobest_sentineg": ("Label", "-1"),
    "kobest_wic": ("ANSWER", ""),
    "text_classification": ("label", " "),
    "text_pair": ("label", ""),
    "regression": ("label", "1_0"),
    "multiple_choice": ("label", "0"),
    "multi_label": ("labels", "기쁨,,슬픔"),
}
ARRAYS = {
    "klue_ynat": ("label", "날씨"),
    "klue_nli": ("gold_label", 0),
    "klue_sts": ("labels", {"binary-label": 1}),
    "klue_re": ("label", "per:unknown"),
}


def read(task: str, path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return tasks.build(task).read(str(path))


def refused(task: str, path, content, place: str) -> None:
    with pytest.raises(InputError) as caught:
        read(task, path, content)
    assert caught.value.parts[0].startswith(f"{path}{place}"), str(caught.value)
    assert "\n" not in str(caught.value)


def content_of(task: str):
    return next(iter(published.FILES[task].values()))


@pytest.mark.parametrize("task", LABELS)
def test_rows_of_a_table(task, tmp_path):
    path, content = tmp_path / "rows.tsv", content_of(task)
    assert read(task, path, content)
    header, first, second, *rest = content.split("\n")
    column, wrong = LABELS[task]
    names = header.removeprefix("\ufeff").split("\t")
    fields = second.split("\t")
    fields[names.index(column)] = wrong
    for row in ("\t".join(fields), second.rpartition("\t")[0], f"{second}\tmore"):
        refused(task, path, "\n".join([header, first, row, *rest]), ", line 3")
    broken = "\n".join([header, first]).encode() + b"\n\xb0\xa1\t\xff\n"
    refused(task, path, broken, ", line 3")
    if task != "nsmc":  # whose header may be missing
        twice = "\n".join([f"{header}\t{column}", f"{first}\t1"])
        refused(task, path, twice, ", line 1")


@pytest.mark.parametrize(
    "row",
    [
        '{"text": "좋다", "label": "가", "label": "나"}',
        '{"text": "좋다", "label": NaN}',
        '{"text": "좋다", "label": null}',
        '{"text": "좋다", "label": 1.0}',
        '{"text": "좋다", "label": "NaN"}',
        '{"text": "좋다", "label": ["가"]}',
        '{"text": "좋다", "label": ""}',
        '{"text": null, "label": "가"}',
        '{"label": "가"}',
        '["좋다", "가"]',
        '{"text": "좋다", "label": "가"',
    ],
)
def test_rows_of_json_lines(row, tmp_path):
    text = '{"text": "좋다", "label": "나"}\n' + row + "\n"
    refused("text_classification", tmp_path / "rows.jsonl", text, ", line 2")


@pytest.mark.parametrize("task", ARRAYS)
def test_rows_of_an_array(task, tmp_path):
    path, rows = tmp_path / "rows.json", json.loads(content_of(task))
    assert read(task, path, json.dumps(rows))
    column, wrong = ARRAYS[task]
    texts = tasks.build(task).sources_of_texts
    damages = [{column: wrong}, *({name: value} for name in texts for value in (None, 7, ["가"]))]
    for damage in damages:
        refused(task, path, json.dumps([rows[0], rows[1] | damage]), ", row 2")
    for name in (column, *texts):
        row = {key: value for key, value in rows[1].items() if key != name}
        refused(task, path, json.dumps([rows[0], row]), ", row 2")
    refused(task, path, json.dumps([rows[0], "가"]), ", row 2")
    refused(task, path, json.dumps(rows)[:-40], "")


@pytest.mark.parametrize(
    "task, right, wrong, place",
    [
        ("klue_ner", "종\tI-PS", "종\tI-PER", ", line 4"),
        ("klue_ner", "종\tI-PS", "종대\tI-PS", ", line 4"),
        ("klue_ner", "종\tI-PS", "종 I-PS", ", line 4"),
        ("klue_dp", "NNP+JKB\t3", "NNP+JKB\t4", ", line 4"),
        ("klue_dp", "NNP+JKB\t3", "NNP+JKB\t2", ", line 4"),
        ("klue_dp", "NNP+JKB\t3", "NNP+JKB\t-1", ", line 4"),
        ("klue_dp", "NP_AJT", "NP_XXX", ", line 4"),
        ("klue_dp", "2\t서울에", "3\t서울에", ", line 4"),
        ("klue_dp", "\tNP_AJT", "", ", line 4"),
        ("naver_ner", "DAT_B", "DATE_B", ", line 1"),
        ("naver_ner", "2\t12일에\tDAT_B", "2\t12일에", ", line 2"),
        ("klp_ner", "<12일:DT>", "<12일:DATE>", ", line 2"),
        ("klp_ner", "<12일:DT>", "<13일:DT>", ", line 2"),
        ("klp_ner", "; 세종대왕이", "세종대왕이", ", line 1"),
    ],
)
def test_blocks_of_lines(task, right, wrong, place, tmp_path):
    content = content_of(task)
    assert read(task, tmp_path / "rows", content)
    refused(task, tmp_path / "rows", content.replace(right, wrong, 1), place)


def test_words_and_tags_in_two_files(tmp_path):
    published.write("kmou_ner", tmp_path)
    words, tags = tmp_path / "train.words.txt", tmp_path / "train.tags.txt"
    usual = tags.read_text()
    for right, wrong, place in (
        ("B-DAT", "B-DATE", f"{words}, line 1"),
        ("B-PER ", "", f"{words}, line 1"),
        ("O O O O\n", "", f"{tags}"),
    ):
        tags.write_text(usual.replace(right, wrong, 1))
        with pytest.raises(InputError) as caught:
            tasks.build("kmou_ner").read(str(words))
        assert caught.value.parts[0].startswith(place)


def _question(**changes):
    content = json.loads(content_of("korquad"))
    question = content["data"][0]["paragraphs"][0]["qas"][1]
    question.update(changes)
    return content


@pytest.mark.parametrize(
    "changes",
    [
        {"id": None},
        {"question": 7},
        {"answers": []},
        {"answers": None},
        {"answers": [{"text": "1446년", "answer_start": 20}]},
        {"answers": [{"text": "1446년", "answer_start": "21"}]},
        {"answers": [{"text": "1446년", "answer_start": True}]},
        {"answers": [{"text": "1446년", "answer_start": -1}]},
        {"answers": [{"text": "", "answer_start": 21}]},
        {"id": "q0-0"},
    ],
)
def test_questions_of_articles(changes, tmp_path):
    place = ", article 1, paragraph 1" if changes != {"id": "q0-0"} else ""
    refused("korquad", tmp_path / "rows.json", json.dumps(_question(**changes)), place)


@pytest.mark.parametrize(
    "changes",
    [
        {"answer": "세종", "answer_start": 3},
        {"answer_start": "네"},
        {"question": None},
        {"is_impossible": True},
        {"is_impossible": "no"},
        {"answer": None, "answers": {"text": ["세종"], "answer_start": []}},
    ],
)
def test_questions_in_rows(changes, tmp_path):
    row = json.loads(content_of("question_answering").split("\n")[0])
    text = published.json_lines(row, row | changes)
    refused("question_answering", tmp_path / "rows.jsonl", text, ", line 2")


@pytest.mark.parametrize(
    "turn",
    [
        {"role": "user", "text": "3일"},
        {"role": "user", "text": "3일", "state": ["숙소"]},
        {"role": "user", "text": None, "state": []},
        {"role": "guest", "text": "3일", "state": []},
        "3일",
    ],
)
def test_turns_of_dialogues(turn, tmp_path):
    dialogues = json.loads(content_of("klue_wos"))
    dialogues[0]["dialogue"][2] = turn
    refused("klue_wos", tmp_path / "rows.json", json.dumps(dialogues), ", row 1, turn 3")


@pytest.mark.parametrize("task", [name for name in published.FILES if name != "kmou_ner"])
def test_an_empty_file_is_refused(task, tmp_path):
    name = next(iter(published.FILES[task])).replace("/", "_")
    refused(task, tmp_path / name, "", "")

"""KorQuAD 2.0: zip files, blanked tags, answers with markup."""

import json
import zipfile

import numpy as np
import pytest
import tensorflow as tf

from kortf import tasks
from kortf.errors import InputError
from kortf.tasks.readers.markup import _TAG, blank_tags, visible_span
from kortf.text.tokenizer.tokenizer import load_tokenizer
from kortf.train.examples import EncodedExamples
from tests.harness.tasks import published

PIECES = [
    "<b>",
    "</b>",
    "<",
    ">",
    "< ",
    "가",
    "나 다",
    "<!-- 왕 -->",
    "<td",
    "a",
    "/>",
    "\U0001f600",
]


def test_tags_are_blanked_as_the_pattern_says():
    draw = np.random.default_rng(0)
    texts = ["".join(draw.choice(PIECES, draw.integers(0, 9))) for _ in range(300)]
    expected = [_TAG.sub(lambda tag: " " * len(tag[0]), text) for text in texts]
    assert [text.decode() for text in blank_tags(tf.constant(texts)).numpy()] == expected
    assert blank_tags(tf.constant([], tf.string)).shape == [0]
    assert blank_tags(tf.constant([""])).numpy().tolist() == [b""]


def test_a_span_has_no_markup_at_its_ends():
    page = "<tr><td> 왕 <b>과</b></td>"
    assert visible_span(page, 0, len(page)) == (9, 15)
    assert visible_span(page, 0, 8) == (0, 0)  # nothing but tags


@pytest.fixture
def rows(tmp_path):
    published.write("korquad2", tmp_path)
    return tasks.build("korquad2", max_answer=6).read(str(tmp_path / "KorQuAD_2.1_dev_00.zip"))


def test_all_files_of_all_zip_files_of_the_dev_part_are_read(rows, tmp_path):
    assert len(rows) == 12 and len({row["id"] for row in rows}) == 12
    assert tasks.build("korquad2").files("KorQuAD_2.1_dev_00.zip") == [
        "KorQuAD_2.1_dev_00.zip", "KorQuAD_2.1_dev_01.zip",
    ]  # fmt: skip
    assert all(isinstance(row["id"], str) for row in rows)
    path = tmp_path / "one.json"
    path.write_text(published._pages("json"), encoding="utf-8")
    assert len(tasks.build("korquad2").read(str(path))) == 3


def test_answers_are_found_in_the_page_with_its_tags(rows, vocabulary_dir):
    task = tasks.build("korquad2", max_answer=30, stride=64)
    encoded = EncodedExamples(task, load_tokenizer(str(vocabulary_dir)), rows[:3], 128)
    assert encoded.lost["answers in no window"] == 0
    task.build(8, 0.02, 0.0)
    width = int(encoded.lengths.max())
    features = {
        name: values.to_tensor(shape=[None, width])
        for name, values in encoded.rows.features.items()
    }
    scores = [tf.math.log_softmax(tf.one_hot(encoded.labels[:, i], width) * 30.0) for i in (0, 1)]
    trims = task.sizes["max_trim"] + 1
    none = tf.math.log_softmax(tf.one_hot(tf.zeros([3, width], tf.int32), trims) * 30.0)
    split = (*scores, none, none)
    task.head.split = lambda _: split
    found = task.collect(task.decide(None, features), encoded.rows, encoded.texts)
    answers = [answer.decode() for answer in found["answer"][:, 0].numpy()]
    assert answers[0] == "세종대왕" and answers[1] == "1446년"
    assert answers[2] == "해</th><td>1446년"  # the table, without the tags at its ends
    values = {name: value.numpy() for name, value in found.items()}
    assert task.score(values, rows[:3]) == {"exact_match": 1.0, "f1": 1.0}


def test_answers_that_cannot_be_given_are_counted(rows, vocabulary_dir):
    task = tasks.build("korquad2", max_answer=2, stride=64)
    alone = rows[0] | {"start": 5, "stop": 5}  # markup alone
    encoded = EncodedExamples(task, load_tokenizer(str(vocabulary_dir)), [*rows[:3], alone], 128)
    assert encoded.lost == {"answers in no window": 1, "answers of more than 2 pieces": 2}


def _write(path, content: bytes | dict):
    if isinstance(content, bytes):
        path.write_bytes(content)
        return
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in content.items():
            archive.writestr(name, text)


PAGE = {"context": "<b>왕</b>", "qas": [{"id": "1", "question": "누구?"}]}


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 broken",
        {"a.txt": "x"},
        {"a.json": "{"},
        {"a.json": b"\xff"},
        {"a.json": "[]"},
        {"a.json": json.dumps({"data": [1]})},
        {"a.json": json.dumps({"data": [PAGE]})},
        {"a.json": json.dumps({"data": [PAGE | {"qas": ["x"]}]})},
        {"a.json": json.dumps({"data": [PAGE | {"qas": [
            {"id": "1", "question": "?", "answer": {"text": "왕", "answer_start": 0}}]}]})},
    ],
)  # fmt: skip
def test_damaged_files_are_named(tmp_path, content):
    path = tmp_path / "KorQuAD_2.1_train_00.zip"
    _write(path, content)
    with pytest.raises(InputError) as caught:
        tasks.build("korquad2").read(str(path))
    assert caught.value.parts[0].startswith(str(path))


def test_two_questions_with_one_id_are_refused(tmp_path):
    path = tmp_path / "a.zip"
    _write(path, {"a.json": published._pages("x"), "b.json": published._pages("x")})
    with pytest.raises(InputError) as caught:
        tasks.build("korquad2").read(str(path))
    assert caught.value.parts[0] == str(path)

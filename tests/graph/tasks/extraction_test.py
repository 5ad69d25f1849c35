"""Answers: labels that lead back to them, the best spans by brute force, and what is refused."""

import itertools
import json
import unicodedata

import numpy as np
import pytest
import tensorflow as tf

from kortf import tasks
from kortf.errors import InputError
from kortf.tasks.readers.answers import best_answers, best_spans, locate
from kortf.text.tokenizer.rows.rows import Rows
from kortf.text.tokenizer.tokenizer import load_tokenizer
from kortf.train.examples import EncodedExamples
from tests.harness.tasks import published


def ragged(*rows):
    return tf.ragged.constant(rows, dtype=tf.int32, row_splits_dtype=tf.int32)


def test_locate_example():
    features = {
        "context": tf.cast(ragged([0, 0, 0, 1, 1, 0]), tf.bool),
        "starts": ragged([0, 0, 0, 0, 2, 0]),
        "ends": ragged([0, 0, 0, 2, 5, 0]),
    }
    ids = ragged([2, 9, 3, 5, 6, 3])
    rows = Rows(ids, ids, tf.constant([0]), features, tf.constant([0]))
    found = locate(rows, np.array([0]), np.array([4]), 15)
    assert found.tolist() == [[3, 4, 0, 1]]


@pytest.mark.parametrize("max_length, stride", [(384, 128), (24, 5)])
def test_every_answer_of_the_sample_is_found_again(sample, vocabulary_dir, max_length, stride):
    task = tasks.build("korquad", stride=stride, max_question=8)
    examples = task.read(f"{sample}/korquad/KorQuAD_v1.0_dev.json")
    examples += [decomposed(example) for example in examples]
    tokenizer = load_tokenizer(str(vocabulary_dir))
    encoded = EncodedExamples(task, tokenizer, examples, max_length)
    rows, found = encoded.rows, {}
    starts, ends = (rows.features[name].to_list() for name in ("starts", "ends"))
    for row, (first, last, before, behind) in enumerate(encoded.labels.tolist()):
        if first:
            owner = int(rows.owners[row])
            start, end = starts[row][first] + before, ends[row][last] - behind
            found.setdefault(owner, set()).add(examples[owner]["context"][start:end])
    answers = [{example["answers"][0]} for example in examples]
    assert [found.get(i) for i in range(len(examples))] == answers
    inside = (encoded.labels[:, 3] > 0).sum()
    assert inside > 5  # answers do end inside a piece
    assert (max_length == 24) == (len(encoded) > 2 * len(examples))


def decomposed(example):
    """The same question on decomposed syllables with zero-width spaces between the words."""

    def other(text):
        return unicodedata.normalize("NFD", text).replace(" ", "\u200b \u200b")

    context, answer, start = example["context"], example["answers"][0], example["start"]
    before, inner, behind = (
        other(part) for part in (context[:start], answer, context[start + len(answer) :])
    )
    return example | {
        "context": before + inner + behind,
        "answers": [inner],
        "start": len(before),
    }


def test_best_spans_by_brute_force():
    rng = np.random.default_rng(0)
    rows, seq, trims, longest, number = 3, 7, 3, 3, 4
    first, last = rng.normal(size=(2, rows, seq)).astype(np.float32)
    before, behind = rng.normal(size=(2, rows, seq, trims)).astype(np.float32)
    context = np.array([[0, 0, 1, 1, 1, 1, 0], [0, 1, 1, 1, 1, 1, 0], [0, 0, 0, 0, 0, 0, 0]], bool)
    starts = np.tile(np.arange(seq) * 4, (rows, 1)).astype(np.int32)
    ends = starts + 4
    found = best_spans(
        *map(tf.constant, (first, last, before, behind, context, starts, ends)), longest, number
    )
    for row in range(rows):
        expected = []
        for i, j in itertools.product(range(seq), repeat=2):
            if i <= j < i + longest and context[row, i] and context[row, j]:
                cut = before[row, i].argmax(), behind[row, j].argmax()
                score = first[row, i] + before[row, i].max() + last[row, j] + behind[row, j].max()
                a, b = starts[row, i] + cut[0], ends[row, j] - cut[1]
                expected.append((score, *((a, b) if a < b else (starts[row, i], ends[row, j]))))
        expected = sorted(expected, reverse=True)[:number]
        scores = found["scores"].numpy()[row]
        np.testing.assert_allclose(scores[: len(expected)], [e[0] for e in expected], rtol=1e-5)
        assert (scores[len(expected) :] == -np.inf).all()
        places = np.stack([found["starts"].numpy()[row], found["ends"].numpy()[row]], axis=1)
        assert places[: len(expected)].tolist() == [[e[1], e[2]] for e in expected]


def test_best_answers_take_each_span_once():
    spans = {
        "starts": tf.constant([[0, 3], [3, 0], [1, 0], [0, 0]]),
        "ends": tf.constant([[2, 5], [5, 0], [2, 0], [0, 0]]),
        "scores": tf.math.log([[0.5, 0.1], [0.3, 0.0], [0.2, 0.1], [0.0, 0.0]]),
    }
    contexts = tf.constant(["가나 다라", "마바", ""])
    found = best_answers(spans, tf.constant([0, 0, 1, 2]), contexts, 2)
    answers = [[word.decode() for word in row] for row in found["answer"].numpy()]
    assert answers == [["가나", "다라"], ["바", ""], ["", ""]]
    np.testing.assert_allclose(found["score"][:2], [[0.5, 0.3], [0.2, 0.1]], rtol=1e-5)
    assert found["start"].numpy().tolist() == [[0, 3], [1, 0], [0, 0]]


def test_predictions_are_those_of_the_official_script(tmp_path):
    task = tasks.build("korquad")
    published.write("korquad", tmp_path)
    examples = task.read(str(tmp_path / "KorQuAD_v1.0_dev.json"))
    answers = ["세종대왕" if example["question"][0] == "누" else "1443년" for example in examples]
    found = {"answer": np.array([[answer.encode(), b""] for answer in answers])}
    path = task.write_predictions(str(tmp_path / "predictions"), found, examples)
    with open(path, encoding="utf-8") as file:
        assert json.load(file) == {e["id"]: a for e, a in zip(examples, answers, strict=True)}
    scores = task.score(found, examples)
    assert scores["exact_match"] == 0.5 and 0.5 < scores["f1"] < 1


def quad(**changes):
    question = {"id": "q1", "question": "누구?", "answers": [{"text": "왕", "answer_start": 0}]}
    paragraph = {"context": "왕이 왔다.", "qas": [question | changes]}
    return {"data": [{"paragraphs": [paragraph]}]}


@pytest.mark.parametrize(
    "content, message",
    [
        (
            quad(answers=[{"text": "왕", "answer_start": 2}]),
            "question q1: expected the answer '왕'",
        ),
        (quad(answers=[]), "question q1: has no 'answers'"),
        (quad(question=None), "question q1: has no 'id' or no 'question'"),
        ({"data": [{}]}, "article 1: has no 'paragraphs'"),
        ({"data": [{"paragraphs": [{"qas": []}]}]}, "article 1, paragraph 1: has no 'context'"),
        ([], "there is no list 'data'"),
        ({"data": []}, "there are no rows in it"),
    ],
)
def test_bad_rows_are_named(tmp_path, content, message):
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        tasks.build("korquad").read(str(path))
    assert message in str(caught.value) and str(path) in str(caught.value)
    if content != quad(answers=[]):  # in own files a question without an answer
        with pytest.raises(InputError, match="rows.json"):
            tasks.build("question_answering").read(str(path))


QUESTION = {"question": "누가 왔나?", "context": "왕이 왔다."}


@pytest.mark.parametrize(
    "answer",
    [
        {"answer": "왕", "answer_start": 0},
        {"answers": {"text": ["왕"], "answer_start": [0]}, "title": "가"},
        {"answers": [{"text": "왕", "answer_start": 0}], "is_impossible": False},
    ],
)
def test_rows_of_own_questions(tmp_path, answer):
    rows = [QUESTION | answer, QUESTION | answer | {"id": "q7"}]
    (tmp_path / "a.json").write_text(json.dumps(rows), encoding="utf-8")
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    for name in ("a.json", "a.jsonl"):
        task = tasks.build("question_answering")
        examples = task.read(str(tmp_path / name))
        task.adapt(examples)
        assert [row["answers"] for row in examples] == [["왕"], ["왕"]] and not task.unanswerable
        assert examples[0]["id"] == f"{name}-1" and examples[1]["id"] == "q7"


def test_own_questions_of_a_table(tmp_path):
    text = "question,context,answer,answer_start\n누구?,왕이 왔다.,왕,0\n무엇?,왕이 왔다.,,\n"
    (tmp_path / "a.csv").write_bytes(text.encode("cp949"))
    task = tasks.build("question_answering")
    task.set_reading(False, "cp949")
    examples = task.read(str(tmp_path / "a.csv"))
    assert [(row["answers"], row["start"]) for row in examples] == [(["왕"], 0), ([], -1)]


def test_unanswerable_questions_are_learned_from_the_train_part(tmp_path):
    path = tmp_path / "squad.json"
    path.write_text(json.dumps(quad(answers=[], is_impossible=True)), encoding="utf-8")
    task = tasks.build("question_answering")
    examples = task.read(str(path))
    assert examples[0]["answers"] == []
    task.adapt(examples)
    assert task.unanswerable and task.settings()["unanswerable"] is True
    assert task.label_counts(examples) == {"answer": 0, "no answer": 1}
    found = {"answer": np.array([[b"", b"x"]])}
    assert task.score(found, examples) == {"exact_match": 1.0, "f1": 1.0}
    found = {"answer": np.array([["왕".encode(), b"x"]])}
    assert task.score(found, examples) == {"exact_match": 0.0, "f1": 0.0}
    other = tasks.build("question_answering")
    other.adapt([{"answers": ["왕"]}])
    with pytest.raises(InputError, match="squad.json"):
        other.read(str(path))


@pytest.mark.parametrize(
    "row",
    [
        QUESTION,
        QUESTION | {"answers": {"text": ["왕"], "answer_start": []}},
        QUESTION | {"answers": {"text": ["왕"], "answer_start": [1]}},
        QUESTION | {"context": 3, "answers": []},
        {"question": "누구?", "answers": []},
    ],
)
def test_bad_rows_of_own_questions_are_named_or_skipped(tmp_path, row):
    path = tmp_path / "a.jsonl"
    good = QUESTION | {"answer": "왕", "answer_start": 0}
    path.write_text(f"{json.dumps(good)}\n{json.dumps(row)}\n", encoding="utf-8")
    with pytest.raises(InputError, match="a.jsonl, line 2"):
        tasks.build("question_answering").read(str(path))
    task = tasks.build("question_answering")
    task.set_reading(True)
    assert len(task.read(str(path))) == 1
    assert task.notes()["bad_rows"]["a.jsonl"]["count"] == 1


def test_one_bad_question_is_passed_over_where_that_is_wanted(tmp_path):
    content = quad(answers=[])
    content["data"][0]["paragraphs"][0]["qas"] += quad()["data"][0]["paragraphs"][0]["qas"]
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    task = tasks.build("korquad")
    task.skip_bad_rows = True
    assert len(task.read(str(path))) == 1
    assert task.notes()["bad_rows"]["rows.json"]["count"] == 1


def test_a_broken_file_is_named(tmp_path):
    (tmp_path / "rows.json").write_text('{"data": [', encoding="utf-8")
    with pytest.raises(InputError, match="rows.json, "):
        tasks.build("korquad").read(str(tmp_path / "rows.json"))

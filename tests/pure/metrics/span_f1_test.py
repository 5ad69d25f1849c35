"""KorQuAD's scores against the official rules, written out step by step."""

import random
import string

import pytest

from kortf.metrics.span_f1 import character_f1, exact_match, normalize, span_scores

ALPHABET = "세종대왕이  \t\u3000AbC19'\"《》<>〈〉()‘’“”·,.-_%[]"


def slow_normalize(answer):
    for mark in ("'", '"', "《", "》", "<", ">", "〈", "〉", "(", ")", "‘", "’"):
        answer = answer.replace(mark, " ")
    answer = "".join(c for c in answer.lower() if c not in string.punctuation)
    return " ".join(answer.split())


def slow_f1(predicted, gold):
    ours = [c for word in slow_normalize(predicted).split() for c in word]
    theirs = [c for word in slow_normalize(gold).split() for c in word]
    rest, same = list(theirs), 0
    for c in ours:
        if c in rest:
            rest.remove(c)
            same += 1
    if not same:
        return 0.0
    precision, recall = same / len(ours), same / len(theirs)
    return 2 * precision * recall / (precision + recall)


def texts(number):
    draw = random.Random(0)
    return ["".join(draw.choices(ALPHABET, k=draw.randrange(12))) for _ in range(number)]


def test_by_definition():
    for predicted, gold in zip(texts(400)[::2], texts(400)[1::2], strict=True):
        assert normalize(predicted) == slow_normalize(predicted)
        assert character_f1(predicted, [gold]) == pytest.approx(slow_f1(predicted, gold))


@pytest.mark.parametrize(
    "answer, normal",
    [
        ("《삼국사기》", "삼국사기"),
        ("김 구(金九)", "김 구 金九"),
        ("3.1운동", "31운동"),
        ("“국가”·민족", "“국가”·민족"),  # what is not ASCII stays
        ("U.S.A", "usa"),
        ("...", ""),
    ],
)
def test_marks(answer, normal):
    assert normalize(answer) == normal


def test_best_of_several_answers_and_unanswered_questions():
    assert exact_match("서울", ["부산", "<서울>"]) == 1.0 and exact_match("서울", ["부산"]) == 0.0
    assert character_f1("서울시", ["부산", "서울"]) == pytest.approx(0.8)
    assert character_f1("", [""]) == 0.0 and exact_match("", ["."]) == 1.0
    golds = {"a": ["서울"], "b": ["세종대왕"], "c": ["하나"]}
    scores = span_scores({"a": "서울", "b": "세종", "x": "?"}, golds)
    assert scores == {"exact_match": pytest.approx(1 / 3), "f1": pytest.approx((1 + 2 / 3) / 3)}

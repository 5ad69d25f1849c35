"""KLUE-MRC's scores, against their definition on random answers."""

import random

import pytest

from kortf.metrics.klue_mrc import exact_match, normalize, rouge_w


def longest_run(ours, theirs):
    return max(
        (
            n
            for i in range(len(ours))
            for n in range(1, len(ours) - i + 1)
            if ours[i : i + n] in theirs
        ),
        default=0,
    )


def test_the_longest_common_run():
    draw = random.Random(0)
    for _ in range(300):
        ours, theirs = ("".join(draw.choices("가나 다", k=draw.randint(0, 8))) for _ in "ab")
        a, b = normalize(ours), normalize(theirs)
        precision, recall = (longest_run(a, b) / max(len(side), 1) for side in (a, b))
        expected = float(a == b) if not b else 0.0
        if b and precision + recall:
            expected = 2 * precision * recall / (precision + recall)
        assert rouge_w(ours, [theirs]) == pytest.approx(expected)
        assert exact_match(ours, [theirs]) == float(a == b)


def test_marks_and_questions_without_an_answer():
    assert normalize(" 《서울》(시) ") == "《서울》시"
    assert rouge_w("", []) == exact_match("", []) == 1.0
    assert rouge_w("서울", []) == exact_match("서울", []) == rouge_w("", ["서울"]) == 0.0
    assert rouge_w("서울시", ["부산", "서울"]) == pytest.approx(0.8)
    assert exact_match("서울.", ["서울"]) == 1.0

"""ROUGE-W by its definition: the best of all common subsequences, found by going through them."""

import itertools
import random

import pytest

from kortf.metrics.rouge import WEIGHT, rouge_w


def slow_common(ours, theirs):
    """The best sum of f(run) over common subsequences, with runs adjacent on both sides."""
    best = 0.0
    for size in range(1, min(len(ours), len(theirs)) + 1):
        for left in itertools.combinations(range(len(ours)), size):
            for right in itertools.combinations(range(len(theirs)), size):
                if any(ours[i] != theirs[j] for i, j in zip(left, right, strict=True)):
                    continue
                total, run = 0.0, 0
                for k in range(size):
                    joined = k and left[k] - left[k - 1] == right[k] - right[k - 1] == 1
                    total, run = (total, run + 1) if joined else (total + run**WEIGHT, 1)
                best = max(best, total + run**WEIGHT)
    return best


def test_runs_count_more_than_single_characters():
    draw = random.Random(0)
    for _ in range(60):
        ours, theirs = ("".join(draw.choices("가나다", k=draw.randint(1, 5))) for _ in "ab")
        common = slow_common(ours, theirs)
        r, p = ((common / len(side) ** WEIGHT) ** (1 / WEIGHT) for side in (theirs, ours))
        expected = 2 * p * r / (p + r) if common else 0.0
        # The recurrence of the paper is greedy on ties; it never exceeds the best subsequence.
        assert rouge_w(ours, [theirs]) <= expected + 1e-9
        if len(set(ours)) == len(ours) and len(set(theirs)) == len(theirs):
            assert rouge_w(ours, [theirs]) == pytest.approx(expected)


def test_ends():
    assert rouge_w("", []) == 1.0 and rouge_w("서울", []) == 0.0
    assert rouge_w("", ["서울"]) == 0.0 and rouge_w("《서울》", ["서울", "부산"]) == 1.0
    assert rouge_w("세종대왕이", ["세종대왕"]) == pytest.approx(8 / 9)

"""Scores of dialogue states, by sets as KLUE defines them."""

import random

import pytest

from kortf.metrics.dialogue_state import joint_goal_accuracy, slot_f1

NAMES = [f"숙소-{slot}-{value}" for slot in ("지역", "종류") for value in ("가", "나", "다")]


def test_scores_of_random_states_follow_the_definition():
    draw = random.Random(0)
    ours, gold = (
        [draw.sample(NAMES, draw.choice([0, 0, 1, 2, 3])) for _ in range(300)] for _ in range(2)
    )
    assert joint_goal_accuracy(ours, gold) == pytest.approx(
        sum(set(a) == set(b) for a, b in zip(ours, gold, strict=True)) / 300
    )
    total = 0.0
    for predicted, true in zip(ours, gold, strict=True):
        hits = len(set(predicted) & set(true))
        if not true:
            total += not predicted
        elif hits:
            precision, recall = hits / len(predicted), hits / len(true)
            total += 2 * precision * recall / (precision + recall)
    assert slot_f1(ours, gold) == pytest.approx(total / 300)


def test_turns_without_slots():
    assert joint_goal_accuracy([[]], [[]]) == slot_f1([[]], [[]]) == 1.0
    assert slot_f1([["a-b-c"]], [[]]) == slot_f1([[]], [["a-b-c"]]) == 0.0
    assert joint_goal_accuracy([], []) == slot_f1([], []) == 0.0

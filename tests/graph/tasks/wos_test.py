"""KLUE-WoS: turns, values of slots, and the head of one softmax a slot."""

import json
import pathlib

import numpy as np
import pytest
import tensorflow as tf

from kortf import tasks
from kortf.errors import InputError
from tests.harness.tasks import published


@pytest.fixture
def read(tmp_path):
    published.write("klue_wos", tmp_path)
    task = tasks.build("klue_wos")
    rows = task.read(str(tmp_path / "wos-v1.1_train.json"))
    task.adapt(rows)
    return task, rows


def test_each_turn_of_the_user_is_an_example_with_the_newest_history_first(tmp_path):
    utterances = [("user", "하나"), ("sys", "둘"), ("user", "셋"), ("sys", "넷"), ("user", "다섯")]
    turns = [{"role": role, "text": text, "state": []} for role, text in utterances]
    path = tmp_path / "wos.json"
    path.write_text(json.dumps([{"guid": "g", "dialogue": turns}]), encoding="utf-8")
    rows = tasks.build("klue_wos").read(str(path))
    assert [(row["id"], row["turn"], row["history"]) for row in rows] == [
        ("g-0", "하나", ""),
        ("g-1", "둘 | 셋", "하나"),
        ("g-2", "넷 | 다섯", "셋 | 둘 | 하나"),
    ]


def test_values_are_those_of_the_train_part(read):
    task, rows = read
    assert task.values == {
        "숙소-예약 기간": ("none", "3"), "숙소-종류": ("none", "호텔"),
        "숙소-지역": ("none", "서울 북쪽"), "식당-예약 시간": ("none", "18:00"),
    }  # fmt: skip
    other = {"state": ["숙소-종류-모텔", "숙소-지역-서울 북쪽", "지하철-출발지-서울역"]}
    assert task.targets([*rows[:2], other]).tolist() == [
        [0, 1, 1, 0], [1, 1, 1, 0], [0, -1, 1, 0],
    ]  # fmt: skip
    lost = task.lost([other, {"state": ["숙소-종류-호텔", "숙소-종류-모텔"]}], None)
    assert list(lost.values()) == [3, 1]  # 모텔 twice and 서울역; one turn with two kinds


def test_the_loss_is_one_cross_entropy_a_slot(read):
    task, rows = read
    task.values["숙소-종류"] = ("none", "호텔", "모텔")  # slots of different sizes
    scores = np.random.default_rng(0).normal(size=(2, 9)).astype(np.float32)
    labels = task.targets(rows[:2])
    labels[1, 3] = -1
    expected = []
    for row, gold in zip(scores.astype(np.float64), labels, strict=True):
        parts = np.split(row, [2, 5, 7])
        losses = [
            np.log(np.exp(part).sum()) - part[g]
            for part, g in zip(parts, gold, strict=True)
            if g >= 0
        ]
        expected.append(sum(losses))
    np.testing.assert_allclose(task.loss(scores, tf.constant(labels)), expected, rtol=1e-5)
    np.testing.assert_allclose(task.divergence(scores, scores, None), 0.0, atol=1e-6)


def test_answers_are_written_with_the_score_of_the_least_certain_slot(read, tmp_path):
    task, rows = read
    scores = np.zeros((len(rows), task.outputs), np.float32)
    scores[0] = [1, -1, -2, 2, -3, 3, 4, -4]  # slots of two values each: none and one more
    found = {"scores": scores}
    states = task.states(scores)
    assert states[0] == ["숙소-종류-호텔", "숙소-지역-서울 북쪽"]
    answers = list(task.rows_of_answers(found, rows))
    assert [row["predicted"] for row in answers] == states
    assert [row["gold"] for row in answers] == [row["state"] for row in rows]
    assert answers[0]["score"] == pytest.approx(1 / (1 + np.exp(-2)), abs=1e-6)
    path = task.write_predictions(str(tmp_path / "predictions"), found, rows)
    written = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    assert written[0] == {"guid": rows[0]["id"], "state": states[0]}
    assert len(written) == len(rows)
    assert task.answers(scores)[0] == "숙소-종류-호텔,숙소-지역-서울 북쪽"
    counts = task.label_counts(rows)
    assert sum(counts.values()) == sum(len(row["state"]) for row in rows)
    assert list(counts.values()) == sorted(counts.values(), reverse=True)


def test_a_train_part_without_a_state_is_refused():
    with pytest.raises(InputError) as caught:
        tasks.build("klue_wos").adapt([{"state": []}])
    assert caught.value.parts[0] == "config.task.train_file"


def test_perfect_scores_give_the_gold_states(read):
    task, rows = read
    targets = task.targets(rows)
    scores = np.full((len(rows), 8), -5, np.float32)
    for row, gold in enumerate(targets):
        scores[row, np.arange(0, 8, 2) + gold] = 5
    assert [set(state) for state in task.states(scores)] == [set(row["state"]) for row in rows]
    assert task.score({"scores": scores}, rows) == {
        "joint_goal_accuracy": 1.0, "slot_micro_f1": 1.0,
    }  # fmt: skip
    found = task.decode({"scores": tf.constant(scores)})
    names = [{n.decode() for n in row if n} for row in found["state"].numpy()]
    assert names == [set(row["state"]) for row in rows]
    assert tasks.build("klue_wos", **task.settings()).classes == task.classes


@pytest.mark.parametrize(
    "dialogue",
    [
        {"guid": "g"},
        {"guid": "g", "dialogue": 1},
        {"guid": "g", "dialogue": ["가"]},
        {"guid": "g", "dialogue": [{"role": "bot", "text": "가"}]},
        {"guid": "g", "dialogue": [{"role": "user", "text": "가"}]},
        {"guid": "g", "dialogue": [{"role": "user", "text": "가", "state": [1]}]},
        {"guid": "g", "dialogue": [{"role": "user", "text": "가", "state": ["숙소-지역"]}]},
    ],
)
def test_damaged_dialogues_are_named(tmp_path, dialogue):
    path = tmp_path / "wos.json"
    path.write_text(json.dumps([dialogue]), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        tasks.build("klue_wos").read(str(path))
    assert caught.value.parts[0].startswith(f"{path}, row 1")

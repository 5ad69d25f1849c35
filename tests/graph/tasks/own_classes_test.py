"""Files of one's own: fields and classes are settings, or found."""

import json

import numpy as np
import pytest

from kortf import tasks
from kortf.errors import InputError
from tests.harness.tasks.published import json_lines


@pytest.fixture
def reviews(tmp_path):
    path = tmp_path / "reviews.jsonl"
    path.write_text(
        json_lines(
            {"review": "좋다\t정말", "stars": 10},
            {"review": "나쁘다", "stars": 2},
            {"review": "그저 그렇다", "stars": 10, "by": "김"},
        ),
        encoding="utf-8",
    )
    return str(path)


def build(**settings):
    return tasks.build("text_classification", text_fields="review", label_field="stars", **settings)


def test_classes_are_found_and_travel(reviews):
    task = build()
    rows = task.read(reviews)
    task.adapt(rows)
    assert task.classes == ("2", "10")  # by number, not by spelling
    assert task.targets(rows).tolist() == [1, 0, 1]
    again = tasks.build("text_classification", **json.loads(json.dumps(task.settings())))
    assert again.settings() == task.settings() and again.classes == ("2", "10")
    again.adapt([{"label": "1"}, {"label": "7"}])
    assert again.classes == ("2", "10")


def test_a_label_that_the_train_part_lacks_is_named(reviews, tmp_path):
    task = build()
    task.adapt(task.read(reviews))
    path = tmp_path / "test.tsv"
    path.write_text("review\tstars\n좋다\t10\n좋다\t5\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 3: label '5' is unknown; write 2 or 10"):
        task.read(str(path))


def test_classes_may_be_given(reviews):
    task = build(classes="10, 2")
    rows = task.read(reviews)
    task.adapt(rows)
    assert task.targets(rows).tolist() == [0, 1, 0]
    with pytest.raises(InputError, match="label '10' is unknown; write 2 or 5"):
        build(classes=["2", "5"]).read(reviews)


def test_predictions_are_json_lines(reviews, tmp_path):
    task = build(classes=("2", "10"))
    rows = task.read(reviews)
    found = {"scores": np.eye(2)[[0, 1, 0]]}
    path = task.write_predictions(str(tmp_path / "predictions"), found, rows)
    assert path.endswith(".jsonl")
    assert [row["label"] for row in task.read(path)] == ["2", "10", "2"]
    assert [row["text"] for row in task.read(path)] == [row["text"] for row in rows]


def test_pairs(tmp_path):
    task = tasks.build("text_pair", text_fields="question,answer", label_field="fits")
    path = tmp_path / "train.tsv"
    path.write_text("fits\tanswer\tquestion\nyes\t응\t밥 먹었어?\nno\t비\t몇 살?\n", "utf-8")
    rows = task.read(str(path))
    assert rows[0] == {"text": "밥 먹었어?", "text_pair": "응", "label": "yes"}
    task.adapt(rows)
    assert task.classes == ("no", "yes")
    with pytest.raises(ValueError, match="text_fields='question'"):
        tasks.build("text_pair", text_fields="question")


@pytest.mark.parametrize(
    "row, words",
    [
        ({"review": 3, "stars": 1}, "field 'review' is not text"),
        ({"review": "좋다", "stars": 1.5}, "field 'stars' is neither text nor a whole number"),
        ({"review": "좋다", "stars": None}, "field 'stars' is neither text nor a whole number"),
        ({"review": "좋다"}, "there is no field 'stars'"),
    ],
)
def test_bad_rows_are_named(tmp_path, row, words):
    path = tmp_path / "a.jsonl"
    path.write_text(json_lines(row), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        build().read(str(path))
    assert "line 1" in str(caught.value) and words in str(caught.value)


def test_one_class_is_no_classification(reviews):
    with pytest.raises(InputError, match="'2' is the only label in train.tsv"):
        build().adapt([{"label": "2"}, {"label": "2"}])


@pytest.mark.parametrize(
    "task, key",
    [
        ("text_classification", "classes"),
        ("multi_label", "classes"),
        ("token_classification", "entity_labels"),
    ],
)
def test_a_class_that_is_named_twice_is_refused(task, key):
    with pytest.raises(InputError) as caught:
        tasks.build(task, **{key: "가,나,가"})
    assert caught.value.parts[0] == f"config.task.{key}"


@pytest.mark.parametrize("weights", ["0,0", "1,-1", "nan,1", "a", "1,inf"])
def test_weights_that_teach_nothing_are_refused(weights):
    with pytest.raises(InputError) as caught:
        build(class_weights=weights)
    assert caught.value.parts[0].startswith("config.task.class_weights=")

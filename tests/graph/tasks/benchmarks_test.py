"""The published benchmarks: what each reader makes of a row, and of a wrong one."""

import numpy as np
import pytest

from kortf import tasks
from kortf.errors import InputError
from tests.harness.tasks import published


def read(name, tmp_path, content=None, **settings):
    task = tasks.build(name, **settings)
    file, usual = next(iter(published.FILES[name].items()))
    path = tmp_path / "rows.tsv"
    path.write_text(usual if content is None else content, encoding="utf-8", newline="")
    return task, task.read(str(path))


def test_kornli(tmp_path):
    task, rows = read("kornli", tmp_path)
    assert rows[0] == {
        "text": '그가 "간다"고 말했다.',
        "text_pair": "그는 말이 없었다.",
        "label": task.classes.index("contradiction"),
    }
    assert len(rows) == 3 * published.TIMES


def test_korsts(tmp_path):
    task, rows = read("korsts", tmp_path)
    assert rows[0]["label"] == 3.75 and rows[0]["text"] == '그는 "좋다"고 했다.'
    assert [row["genre"] for row in rows[:3]] == ["main-news", "main-captions", "main-forums"]
    assert task.targets(rows).dtype == np.float32
    gold = task.targets(rows)
    scores = task.score({"scores": gold * 2 - 1}, rows)
    assert scores == pytest.approx({"spearman": 1.0, "pearson": 1.0})


def test_korsts_loss_is_a_share_of_the_range():
    task = tasks.build("korsts")
    np.testing.assert_allclose(
        task.loss(np.array([5.0, 1.0], np.float32), np.array([0.0, 3.5], np.float32)), [1.0, 0.25]
    )
    found = {"scores": np.array([2.5], np.float32)}
    np.testing.assert_allclose(task.decode(found)["score"], [2.5])


def test_paws_drops_what_was_not_translated_and_counts_it(tmp_path):
    task, rows = read("paws", tmp_path)
    assert {row["id"] for row in rows} == {"1", "3"}
    assert task.notes() == {"dropped": {"rows.tsv": 2 * published.TIMES}}
    body = "id\tsentence1\tsentence2\tlabel\n1\tNS\t비가 온다.\t1\n"
    with pytest.raises(InputError, match="none of its 1 rows can be used"):
        read("paws", tmp_path, body)


def test_question_pair_counts_0_as_the_same(tmp_path):
    task, rows = read("question_pair", tmp_path)
    assert rows[0]["text"] == "어떻게 지내?"  # behind a byte order mark
    assert [task.classes[row["label"]] for row in rows[:2]] == ["same", "different"]
    scores = np.array([[2.0, 1.0], [0.0, 1.0]])
    assert task.answers(scores) == ["0", "1"]
    found = task.score({"scores": scores}, rows[:2])
    assert found == {"accuracy": 1.0, "macro_f1": 1.0, "auc": 1.0}


def test_hate_speech_has_two_targets(tmp_path):
    for target, labels in (
        ("hate", ["none", "offensive", "hate"]),
        ("bias", ["none", "others", "gender"]),
    ):
        task, rows = read("hate_speech", tmp_path, target=target)
        assert [task.classes[row["label"]] for row in rows[:3]] == labels
        assert rows[0]["text"] == '참 "좋은" 영화네요'
        assert task.settings()["target"] == target
    assert "dev part was scored" in task.notes()["note"]
    with pytest.raises(InputError) as caught:
        tasks.build("hate_speech", target="insult")
    assert caught.value.parts[0] == "hate_speech.target=insult"


NLI = "sentence1\tsentence2\tgold_label\n"
STS = "genre\tfilename\tyear\tid\tscore\tsentence1\tsentence2\n"
ORIGIN = "g\tf\ty\t1\t"


@pytest.mark.parametrize(
    "name, body, words",
    [
        ("kornli", NLI + "a\tb\tentailment\na\tb\t-\n", "line 3: label '-' is unknown; write en"),
        ("kornli", "a\tb\tneutral\n", "line 1: there is no column 'sentence1'"),
        ("korsts", STS + ORIGIN + "5.1\ta\tb\n", "line 2: score '5.1' is not a number from 0 to 5"),
        ("korsts", STS + ORIGIN + "\ta\tb\n", "line 2: score '' is not a number"),
        ("korsts", STS + ORIGIN + "nan\ta\tb\n", "line 2: score 'nan' is not a number"),
        ("korsts", STS + "g\tf\ty\t1\t2.0\ta\n", "line 2: 6 fields where 7 are expected"),
        ("paws", "id\tsentence1\tsentence2\tlabel\n1\ta\tb\t2\n", "line 2: label '2'"),
        ("question_pair", "question1\tquestion2\n", "there is no column 'is_duplicate'"),
        ("hate_speech", "comments\n좋다\n", "there is no column 'hate' in the header (comments)"),
        ("hate_speech", "comments\thate\n좋다\tno\n", "write none, offensive or hate"),
    ],
)
def test_bad_rows_are_named(tmp_path, name, body, words):
    with pytest.raises(InputError) as caught:
        read(name, tmp_path, body)
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_bad_rows_are_passed_over_where_that_is_wanted(tmp_path):
    task = tasks.build("kornli")
    task.skip_bad_rows = True
    path = tmp_path / "rows.tsv"
    path.write_text(NLI + "a\tb\tneutral\na\tb\nc\td\t?\ne\tf\tentailment\n", encoding="utf-8")
    assert [row["text"] for row in task.read(str(path))] == ["a", "e"]
    bad = task.notes()["bad_rows"]["rows.tsv"]
    assert bad["count"] == 2
    assert "line 3: 2 fields" in bad["first"][0] and "line 4: label '?'" in bad["first"][1]


@pytest.mark.parametrize("name", ["kornli", "korsts", "paws", "question_pair", "hate_speech"])
def test_predictions_are_read_back_by_the_same_reader(name, tmp_path):
    task, rows = read(name, tmp_path)
    if name == "korsts":
        scores = np.linspace(0, 5, len(rows))
    else:
        numbers = np.arange(len(rows)) % len(task.classes)
        scores = np.eye(len(task.classes))[numbers]
    path = task.write_predictions(str(tmp_path / "predictions"), {"scores": scores}, rows)
    again = task.read(path)
    assert [row["text"] for row in again] == [row["text"] for row in rows]
    expected = scores if name == "korsts" else numbers
    np.testing.assert_allclose([row["label"] for row in again], expected, atol=5e-4)

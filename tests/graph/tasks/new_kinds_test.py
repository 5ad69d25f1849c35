"""Benchmarks of KoBEST and KLUE: their rows, their damage, and their scores by definition."""

import json

import numpy as np
import pytest
import tensorflow as tf

from kortf import tasks
from kortf.errors import InputError
from kortf.pretrained.directory.directory import read_config
from kortf.text.tokenizer.tokenizer import Tokenizer, load_tokenizer
from kortf.train.evaluation.scoring import Scorer
from kortf.train.examples import EncodedExamples
from kortf.train.results.finetuning_results import save_finetuned
from tests.harness.tasks import published


@pytest.fixture(scope="module")
def tokenizer(vocabulary_dir):
    return load_tokenizer(str(vocabulary_dir))


def read(name, tmp_path, **settings):
    task = tasks.build(name, **settings)
    published.write(name, tmp_path)
    return task, task.read(str(tmp_path / list(published.FILES[name])[0]))


def test_rows_of_kobest(tmp_path):
    _, rows = read("kobest_boolq", tmp_path)
    assert [row["label"] for row in rows[:2]] == [1, 0]
    _, rows = read("kobest_copa", tmp_path)
    assert rows[0]["text"] == "비가 왔다. 그래서" and rows[1]["text"] == "땅이 젖었다. 왜냐하면"
    assert [row["label"] for row in rows[:2]] == [0, 1]
    task, rows = read("kobest_hellaswag", tmp_path)
    assert rows[1]["label"] == 1 and task.text_fields[-1] == "choice4"
    _, rows = read("kobest_wic", tmp_path)
    assert [row["label"] for row in rows[:2]] == [0, 1] and "[배]" in rows[1]["text"]
    _, rows = read("klue_re", tmp_path)
    assert rows[0]["text"] == "@ * PER * 세종대왕 @ 은 # ^ LOC ^ 한양 # 에서 태어났다."
    assert rows[1]["text"] == "# ^ LOC ^ 서울 # 에 간 @ * PER * 김구 @"


@pytest.mark.parametrize(
    "name, content",
    [
        ("kobest_boolq", "ID\tText\tQuestion\tAnswer\n1\t가\t나\t아마\n"),
        ("kobest_copa", "ID\tsentence\tquestion\t1\t2\tAnswer\n1\t가\t이유\t나\t다\t1\n"),
        ("kobest_copa", "ID\tsentence\tquestion\t1\t2\tAnswer\n1\t가\t결과\t나\t다\t3\n"),
        ("kobest_hellaswag", "context\tchoice1\tchoice2\tchoice3\tlabel\n"),
        ("klue_ynat", json.dumps([{"guid": "1", "title": "가", "label": "날씨"}])),
        ("klue_ynat", json.dumps([{"guid": "1", "title": "가"}])),
        ("klue_ynat", json.dumps({"guid": "1"})),
        ("klue_ynat", "[1]"),
        ("klue_nli", json.dumps([{"guid": "1", "premise": 1, "hypothesis": "", "gold_label": ""}])),
        ("klue_sts", published.FILES["klue_sts"]["klue-sts-v1.1_dev.json"].replace("real-", "r-")),
        (
            "klue_re",
            published.FILES["klue_re"]["klue-re-v1.1_dev.json"].replace("한양에", "서울에"),
        ),
        ("multi_label", "text\tother\n가\t1\n"),
        ("regression", "text\tlabel\n가\t2.0\n"),
        ("multiple_choice", "text\tchoice1\tchoice2\tchoice3\tchoice4\tlabel\n가\t1\t2\t3\t4\t0\n"),
    ],
)
def test_bad_rows_are_named(tmp_path, name, content):
    path = tmp_path / list(published.FILES[name])[0].replace("/", "-")
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        tasks.build(name).read(str(path))
    assert caught.value.parts[0].startswith(str(path))


def test_each_choice_is_a_pair_with_the_text(tokenizer, tmp_path):
    task, rows = read("kobest_hellaswag", tmp_path)
    encoded = EncodedExamples(task, tokenizer, rows[:2], 24)
    batch = encoded.batch(tf.constant([0, 1, -1]))
    features = task.encoder_features(batch)
    expected = tokenizer.encode(
        [rows[0]["text"]] * 4, [rows[0][f"choice{i}"] for i in range(1, 5)], max_length=24
    )
    ids = features["token_ids"].numpy()[:4]
    mask = features["padding_mask"].numpy()[:4]
    for i in range(4):
        theirs = expected["token_ids"].numpy()[i][expected["padding_mask"].numpy()[i]]
        assert ids[i][mask[i]].tolist() == theirs.tolist()
    assert ids.shape[1] == batch["token_ids"].shape[1]
    task.build(8, 0.5, 0.0)
    outputs = {"pooled": tf.reshape(tf.range(96.0), [12, 8]), "sequence": None}
    scores = task.predict(outputs, batch)
    flat = task.head(outputs, features["padding_mask"])
    np.testing.assert_allclose(scores, tf.reshape(flat, [3, 4]))


def test_relations_are_scored_as_klue_scores_them(tmp_path):
    from sklearn.metrics import auc, f1_score, precision_recall_curve

    task = tasks.build("klue_re")
    random = np.random.default_rng(0)
    number = len(task.classes)
    gold = random.integers(0, 8, 200)  # most relations do not occur
    scores = random.normal(size=(200, number)).astype(np.float32)
    scores[np.arange(200), gold] += 2
    ours = task.score({"scores": scores}, [{"label": label} for label in gold])
    predicted, kept = scores.argmax(axis=1), list(range(1, number))
    assert ours["micro_f1"] == pytest.approx(
        f1_score(gold, predicted, labels=kept, average="micro")
    )
    probabilities = tf.nn.softmax(scores.astype(np.float64)).numpy()
    areas = []
    for i in range(number):
        precision, recall, _ = precision_recall_curve(gold == i, probabilities[:, i])
        areas.append(auc(recall, precision))
    assert ours["auprc"] == pytest.approx(np.mean(areas))


def test_similarity_has_the_f1_of_paraphrases():
    from scipy.stats import pearsonr
    from sklearn.metrics import f1_score

    task = tasks.build("klue_sts")
    random = np.random.default_rng(0)
    gold = random.uniform(0, 5, 50)
    scores = (gold + random.normal(size=50)).astype(np.float32)
    ours = task.score({"scores": scores}, [{"label": label} for label in gold])
    assert ours["f1"] == pytest.approx(f1_score(gold >= 3, scores >= 3))
    assert ours["pearson"] == pytest.approx(pearsonr(gold, scores)[0], abs=1e-6)


def test_questions_without_an_answer(tokenizer, tmp_path):
    task, rows = read("klue_mrc", tmp_path, stride=8, max_question=6)
    assert [bool(row["answers"]) for row in rows[:2]] == [True, False]
    assert task.label_counts(rows) == {"answer": 3, "no answer": 3}
    encoded = EncodedExamples(task, tokenizer, rows, 24)
    has = {
        owner
        for owner, row in zip(encoded.rows.owners.numpy(), encoded.labels, strict=True)
        if row[0]
    }
    assert has == {i for i, row in enumerate(rows) if row["answers"]}
    assert set(encoded.lost.values()) == {0}
    task.build(8, 0.02, 0.0)
    width = int(encoded.lengths.max())
    features = {
        name: values.to_tensor(shape=[None, width])
        for name, values in encoded.rows.features.items()
    }
    # Perfect scores: the ends of the answer where a window has it, else [CLS].
    first, last = (
        tf.math.log_softmax(tf.one_hot(encoded.labels[:, i], width) * 30.0) for i in (0, 1)
    )
    trims = task.sizes["max_trim"] + 1
    before, behind = (
        tf.math.log_softmax(
            tf.repeat(tf.one_hot(encoded.labels[:, i], trims)[:, None] * 30.0, width, axis=1)
        )
        for i in (2, 3)
    )
    task.head.split = lambda scores: (first, last, before, behind)
    found = task.collect(task.decide(None, features), encoded.rows, encoded.texts)
    found = {name: values.numpy() for name, values in found.items()}
    assert task.score(found, rows) == {"exact_match": 1.0, "rouge_w": 1.0}
    answers = [row["predicted"] for row in task.rows_of_answers(found, rows)]
    assert answers == [row["answers"][0] if row["answers"] else "" for row in rows]


def test_labels_in_columns_or_lists(tmp_path):
    task, rows = read("multi_label", tmp_path)
    task.adapt(rows)
    assert task.classes == ("기쁨", "슬픔") and rows[2]["labels"] == []
    assert task.targets(rows[:3]).tolist() == [[1, 1], [1, 0], [0, 0]]
    path = tmp_path / "columns.tsv"
    path.write_text("text\t여성\t남성\n가\t1\t0\n나\t0\t0\n", encoding="utf-8")
    task = tasks.build("multi_label", label_field="")
    rows = task.read(str(path))
    task.adapt(rows)
    assert task.classes == ("여성", "남성") and [row["labels"] for row in rows] == [["여성"], []]
    path.write_text("text\t여성\n가\t2\n", encoding="utf-8")
    with pytest.raises(InputError, match="columns.tsv, line 2"):
        tasks.build("multi_label", label_field="").read(str(path))
    scores = np.array([[2.0, -1.0], [-1.0, -1.0]], np.float32)
    assert task.score({"scores": scores}, rows)["lrap"] == 1.0
    loss = task.loss(tf.constant(scores), tf.constant(task.targets(rows)))
    p = 1 / (1 + np.exp(-scores))
    expected = -np.log([p[0, 0] * (1 - p[0, 1]), (1 - p[1, 0]) * (1 - p[1, 1])])
    np.testing.assert_allclose(loss, expected, rtol=1e-5)


def test_labels_are_compared_as_independent_probabilities(tmp_path):
    task, rows = read("multi_label", tmp_path)
    task.adapt(rows)
    ours, theirs = np.random.default_rng(0).normal(size=(2, 5, 2))
    temperature = 2.0

    def kl(first, second):
        """Divergence of Bernoulli distributions, summed over the labels."""
        p, q = (1 / (1 + np.exp(-scores)) for scores in (first, second))
        return (p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))).sum(-1)

    expected = 0.5 * (kl(ours, theirs) + kl(theirs, ours))
    found = task.divergence(tf.constant(ours), tf.constant(theirs), None)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    soft = task.soft_labels(tf.constant(theirs), None, temperature)
    found = task.soft_loss(tf.constant(ours), soft, None, temperature)
    expected = temperature**2 * kl(theirs / temperature, ours / temperature)
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    path = task.write_predictions(str(tmp_path / "p"), {"scores": ours}, [rows[0]] * 5)
    assert [row["labels"] for row in task.read(path)] == task.chosen(ours)


@pytest.mark.parametrize("labels", [["기쁨", ""], [""], "기쁨,", ",", [" "]])
def test_an_empty_label_among_others_is_refused_with_its_row(labels, tmp_path):
    path = tmp_path / "a.jsonl"
    rows = [{"text": "가", "labels": []}, {"text": "나", "labels": labels}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(InputError, match="line 2"):
        tasks.build("multi_label").read(str(path))


@pytest.mark.parametrize("labels", [[], "", " "])
def test_a_text_may_have_no_label(labels, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"text": "가", "labels": labels}) + "\n")
    assert tasks.build("multi_label").read(str(path))[0]["labels"] == []


def test_settings_travel(tmp_path):
    for name in published.FILES:
        task = tasks.build(name)
        settings = json.loads(json.dumps(task.settings()))
        assert tasks.build(name, **settings).settings() == task.settings()
    for name, setting in (
        ("regression", {"low": 2.0}),
        ("regression", {"source_fields": "a,b,c"}),
        ("multiple_choice", {"choices": 1}),
        ("nsmc", {"pooling": "avg"}),
        ("nsmc", {"hidden": "foo"}),
        ("nsmc", {"dropout": 1.0}),
        ("text_pair", {"truncation": "none"}),
    ):
        with pytest.raises(ValueError):
            tasks.build(name, **setting)


def test_class_weights_and_focal_loss_by_their_definitions(tmp_path):
    from sklearn.utils.class_weight import compute_class_weight

    labels = np.array([0, 0, 0, 1, 2, 2])
    examples = [{"text": "가", "label": name} for name in np.array(["나", "다", "라"])[labels]]
    task = tasks.build("text_classification", class_weights="balanced", focal=2.0)
    task.adapt(examples)
    expected = compute_class_weight("balanced", classes=np.arange(3), y=labels)
    np.testing.assert_allclose(task.class_weights, expected, atol=1e-6)
    scores = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
    p = tf.nn.softmax(scores).numpy()[np.arange(6), labels]
    found = task.loss(tf.constant(scores), tf.constant(labels))
    np.testing.assert_allclose(found, expected[labels] * (1 - p) ** 2 * -np.log(p), rtol=1e-4)
    assert task.not_smoothed and task.settings()["class_weights"] == task.class_weights
    with pytest.raises(InputError) as caught:
        tasks.build("text_classification", class_weights="1,2").adapt(examples)
    assert caught.value.parts[0] == "config.task.class_weights"
    for wrong in ("heavy", "1,-2"):
        with pytest.raises(ValueError, match="class_weights="):
            tasks.build("nsmc", class_weights=wrong)


@pytest.mark.parametrize(
    ("name", "settings", "problem"),
    [
        ("multi_label", {"classes": ("가", "나")}, "multi_label_classification"),
        ("korsts", {}, "regression"),
        ("nsmc", {}, None),
    ],
)
def test_transformers_is_told_the_kind_of_problem(tmp_path, untrained, name, settings, problem):
    encoder, vocabulary = untrained
    task = tasks.build(name, **settings)
    task.build(encoder.hidden_dim, 0.3, 0.1)
    save_finetuned(tmp_path, Scorer(encoder, task, Tokenizer(vocabulary), max_length=20))
    assert read_config(tmp_path).get("problem_type") == problem

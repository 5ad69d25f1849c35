"""Sentence embeddings: forms of files, bad rows, labels and scores."""

import json

import numpy as np
import pytest
import scipy.stats

from kortf import tasks
from kortf.errors import InputError
from kortf.tasks.kinds.embedding.scores import cosines, positive_ranks, retrieval_scores
from kortf.train.inputs.splits import read_splits


def read(tmp_path, name, content, **settings):
    path = tmp_path / name
    if not isinstance(content, str):
        content = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in content)
    path.write_text(content, encoding="utf-8")
    task = tasks.build("embedding", **settings)
    return task, task.read(str(path))


def test_a_text_file_has_a_sentence_a_line(tmp_path):
    assert read(tmp_path, "s.txt", "비가 온다\n눈이 온다\n")[1] == [
        {"text": "비가 온다"}, {"text": "눈이 온다"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    "name, content, settings, expected",
    [
        ("a.tsv", "anchor\tpositive\n가\t나\n", {}, {"text": "가", "text_pair": "나"}),
        (
            "a.tsv",
            "id\tanchor\tpositive\tnegative_1\tnegative_2\n1\t가\t나\t다\t라\n",
            {},
            {"text": "가", "text_pair": "나", "negative1": "다", "negative2": "라"},
        ),
        (
            "a.tsv",
            "가\t나\t다\n",
            {"columns": "anchor,positive,negative"},
            {"text": "가", "text_pair": "나", "negative1": "다"},
        ),
        (
            "a.tsv",
            "질문\t답변\n가\t나\n",
            {"columns": "질문=anchor,답변=positive"},
            {"text": "가", "text_pair": "나"},
        ),
        ("a.jsonl", [{"text": "가", "n": 1}], {}, {"text": "가"}),
        ("a.jsonl", [{"anchor": "가", "positive": "나"}], {}, {"text": "가", "text_pair": "나"}),
        (
            "sts-dev.tsv",
            "id\tscore\tsentence1\tsentence2\n1\t3.750\t가\t나\n",
            {},
            {"text": "가", "text_pair": "나", "label": 3.75},
        ),
        (
            "klue-sts.json",
            '[{"sentence1": "가", "sentence2": "나", "labels": {"real-label": 0.5}}]',
            {},
            {"text": "가", "text_pair": "나", "label": 0.5},
        ),
    ],
)
def test_forms_are_recognized_by_their_columns(tmp_path, name, content, settings, expected):
    assert read(tmp_path, name, content, **settings)[1] == [expected]


def test_nli_rows_become_triples_and_the_rest_is_counted(tmp_path):
    rows = [
        ("가", "나", "entailment"), ("가", "다", "contradiction"), ("가", "라", "neutral"),
        ("가", "마", "entailment"), ("바", "사", "entailment"),
    ]  # fmt: skip
    content = "sentence1\tsentence2\tgold_label\n" + "".join("\t".join(row) + "\n" for row in rows)
    task, found = read(tmp_path, "nli.tsv", content)
    assert found == [
        {"text": "가", "text_pair": "나", "negative1": "다"},
        {"text": "가", "text_pair": "마", "negative1": "다"},
    ]
    assert list(task.notes()["repairs"]["nli.tsv"].values()) == [1]


@pytest.mark.parametrize(
    "name, content, settings, line",
    [
        ("a.tsv", "anchor\tpositive\tnegative\n가\t나\t다\n가\t나\n", {}, 3),
        ("a.tsv", "가\t나\t다\n가\t나\n", {"columns": "anchor,positive,negative"}, 2),
        ("a.tsv", "anchor\tpositive\n가\t나\n가\t \n", {}, 3),
        ("a.txt", "가\n\n나\n", {}, 2),
        ("a.txt", "가\n나\t다\n", {}, 2),
        ("a.tsv", "sentence1\tsentence2\tscore\n가\t나\t5.1\n", {}, 2),
        ("a.tsv", "sentence1\tsentence2\tscore\n가\t나\t\n", {}, 2),
        ("a.tsv", "sentence1\tsentence2\tscore\n가\t나\tnan\n", {}, 2),
        ("a.tsv", "sentence1\tsentence2\tscore\n가\t나\t0.5\n가\t나\t2\n", {"high": 1.0}, 3),
        ("a.tsv", "sentence1\tsentence2\tgold_label\n가\t나\t-\n", {}, 2),
        ("a.tsv", "질문\t답변\n가\t나\n", {}, 1),
        ("a.tsv", "text\ttext_pair\tlabel\n가\t나\t1\n", {}, 1),
        ("a.tsv", "text\ttext\n가\t나\n", {}, 1),
        ("a.jsonl", [{"anchor": "가", "positive": "나"}, {"anchor": "가"}], {}, 2),
        ("a.jsonl", [{"anchor": "가", "positive": 3}], {}, 1),
    ],
)
def test_bad_rows_are_refused_with_their_line(tmp_path, name, content, settings, line):
    with pytest.raises(InputError) as error:
        read(tmp_path, name, content, **settings)
    assert error.value.parts[0] == f"{tmp_path / name}, line {line}"


@pytest.mark.parametrize(
    "settings",
    [{"loss": "softmax"}, {"pooling": "first"}, {"dimensions": "a"}, {"dimensions": "0"},
     {"low": 5.0}, {"temperature": 0.0}, {"columns": "a=b,c"}],
)  # fmt: skip
def test_settings_out_of_range_are_refused(settings):
    with pytest.raises(ValueError):
        tasks.build("embedding", **settings)


def test_the_loss_follows_from_the_train_part():
    sentence, scored = [{"text": "가"}], [{"text": "가", "text_pair": "나", "label": 1.0}]
    task = tasks.build("embedding")
    task.adapt(scored)
    assert task.loss_name == "cosent" and task.settings()["loss"] == "cosent"
    task = tasks.build("embedding")
    task.adapt(sentence)
    assert task.loss_name == "contrastive"
    for loss, rows in (("cosine", sentence), ("contrastive", scored)):
        with pytest.raises(InputError):
            tasks.build("embedding", loss=loss).adapt(rows)
    with pytest.raises(InputError):
        tasks.build("embedding").adapt(sentence + scored)


def test_labels_are_shares_of_the_range_or_numbers_of_texts():
    task = tasks.build("embedding", low=1.0, high=3.0)
    scored = [{"text": "가", "text_pair": "나", "label": label} for label in (1.0, 2.5)]
    np.testing.assert_array_equal(task.labels(scored, None), [0.0, 0.75])
    pairs = [{"text": "가", "text_pair": "나"}, {"text": "나", "text_pair": "다"}]
    np.testing.assert_array_equal(task.labels(pairs, None), [[0, 1], [1, 2]])


def test_a_text_file_alone_has_neither_a_dev_nor_a_test_part(tmp_path):
    (tmp_path / "s.txt").write_text("가\n나\n", encoding="utf-8")
    splits, _ = read_splits(tasks.build("embedding", train_file="s.txt"), str(tmp_path), 0.5, 0)
    assert splits == {"train": [{"text": "가"}, {"text": "나"}], "dev": [], "test": []}
    with pytest.raises(InputError):
        read_splits(tasks.build("embedding", train_file="s.txt"), str(tmp_path), None, 0)
    with pytest.raises(InputError):  # other tasks need a test part
        read_splits(tasks.build("regression", test_file=""), str(tmp_path), 0.5, 0)


def test_pairs_without_a_dev_file_hold_rows_back(tmp_path):
    (tmp_path / "train.tsv").write_text("anchor\tpositive\n" + "가\t나\n" * 4, encoding="utf-8")
    splits, _ = read_splits(tasks.build("embedding"), str(tmp_path), 0.5, 0)
    assert [len(splits[part]) for part in ("train", "dev", "test")] == [2, 2, 0]


def test_similarity_is_scored_by_correlation_of_cosines():
    rng = np.random.default_rng(0)
    vectors, gold = rng.normal(size=(30, 2, 6)).astype(np.float32), rng.integers(0, 6, 30)
    task = tasks.build("embedding", dimensions="3")
    examples = [{"text": "가", "text_pair": "나", "label": float(label)} for label in gold]

    def cosine(size):
        a, b = vectors[:, 0, :size], vectors[:, 1, :size]
        return (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)

    found = task.score({"vectors": vectors}, examples)
    assert found["spearman"] == pytest.approx(scipy.stats.spearmanr(cosine(6), gold)[0], abs=1e-6)
    assert found["pearson"] == pytest.approx(scipy.stats.pearsonr(cosine(6), gold)[0], abs=1e-6)
    by_size = task.details({"vectors": vectors}, examples)["scores_by_dimension"]
    expected = scipy.stats.spearmanr(cosine(3), gold)[0]
    assert by_size == {"3": pytest.approx(expected, abs=1e-6)}


def test_positives_are_ranked_among_different_texts():
    vectors = np.eye(4, dtype=np.float32)[[[0, 0], [1, 2], [2, 2], [2, 2]]]  # [rows, texts, dim]
    # The second anchor is as far from all; the candidates of rows 1 to 3 are two texts.
    assert positive_ranks(vectors, ["가", "나", "다", "다"]).tolist() == [1, 1, 1, 1]
    vectors[1, 0] = vectors[0, 1]
    ranks = positive_ranks(vectors, ["가", "나", "다", "다"])
    found = retrieval_scores(ranks, cosines(vectors))
    assert found == {"mrr": pytest.approx(0.875), "recall_at_1": 0.75}


def test_triples_are_also_scored_by_their_own_negatives():
    vectors = np.eye(3, dtype=np.float32)[[[0, 0, 1], [1, 2, 1]]]
    found = retrieval_scores(np.ones(2), cosines(vectors))
    assert found["triplet_accuracy"] == 0.5


def test_single_sentences_cannot_be_scored():
    with pytest.raises(InputError):
        tasks.build("embedding").score({"embedding": np.ones((1, 2))}, [{"text": "가"}])

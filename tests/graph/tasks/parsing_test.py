"""Dependency parsing: the head against a slow twin, labels that lead back, KLUE's scores."""

import numpy as np
import pytest
import tensorflow as tf

from kortf import tasks
from kortf.errors import InputError
from kortf.layers.heads.biaffine import BiaffineParser
from kortf.metrics.dependency import OTHERS, dependency_scores
from kortf.text.tokenizer.tokenizer import load_tokenizer
from kortf.train.examples import EncodedExamples
from tests.harness.tasks import published

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def tokenizer(vocabulary_dir):
    return load_tokenizer(str(vocabulary_dir))


def test_the_head_by_its_definition():
    layer = BiaffineParser(4, arc_dim=3, type_dim=2, dropout=0.0, init_scale=1.0)
    layer.build(5)
    x = RNG.normal(size=(2, 6, 5)).astype(np.float32)
    candidates = RNG.random((2, 6)) < 0.7
    arcs, dependents, heads = layer.split(layer(x, candidates))
    chosen = RNG.integers(0, 6, (2, 6)).astype(np.int32)
    types = layer.type_scores(dependents, heads, chosen).numpy()
    arcs = arcs.numpy()

    def vector(dense, b, i):
        return np.maximum(x[b, i] @ dense.kernel.numpy() + dense.bias.numpy(), 0)

    for b in range(2):
        for i in range(6):
            dependent = np.append(vector(layer.arc_dependent, b, i), 1)
            for j in range(6):
                score = dependent @ layer.arcs.numpy() @ vector(layer.arc_head, b, j)
                expected = score if candidates[b, j] else -1e4
                assert arcs[b, i, j] == pytest.approx(expected, rel=1e-4, abs=1e-4)
            one = np.append(vector(layer.type_dependent, b, i), 1)
            other = np.append(vector(layer.type_head, b, chosen[b, i]), 1)
            for t in range(4):
                expected = one @ layer.types.numpy()[:, t] @ other
                assert types[b, i, t] == pytest.approx(expected, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("seed", range(5))
def test_scores_as_klue_baseline_has_them(seed):
    from sklearn.metrics import f1_score

    random = np.random.default_rng(seed)
    gold, gold_types = random.integers(0, 9, 80), random.integers(0, 20, 80)
    heads = np.where(random.random(80) < 0.6, gold, random.integers(-2, 9, 80))
    types = np.where(random.random(80) < 0.6, gold_types, random.integers(0, 20, 80))
    ours = dependency_scores(heads, gold, types, gold_types)
    theirs, theirs_gold = types.copy(), gold_types.copy()
    theirs[theirs >= OTHERS], theirs_gold[theirs_gold >= OTHERS] = -3, -3
    theirs[heads != gold] = -2
    for average in ("macro", "micro"):
        assert ours[f"uas_{average}_f1"] == pytest.approx(f1_score(gold, heads, average=average))
        expected = f1_score(theirs_gold, theirs, average=average)
        assert ours[f"las_{average}_f1"] == pytest.approx(expected)


def test_labels_lead_back_to_heads_and_types(tmp_path, tokenizer):
    task = tasks.build("klue_dp")
    published.write("klue_dp", tmp_path)
    rows = task.read(str(tmp_path / task.train_file))
    assert rows[0]["heads"] == [3, 3, 0] and rows[0]["id"] == "klue-dp-v1_dev_00000"
    encoded = EncodedExamples(task, tokenizer, rows, 32)
    assert encoded.lost == {"words without a token": 0}
    labels = encoded.labels.to_tensor(-1).numpy()
    number = len(task.classes)
    decisions = {
        "heads": tf.constant(np.maximum(labels, 0) // number, tf.int32),
        "types": tf.constant(labels % number, tf.int32),
        "probabilities": tf.ones(labels.shape),
    }
    found = task.collect(decisions, encoded.rows, encoded.texts)
    found = {name: values.numpy() for name, values in found.items()}
    assert set(task.score(found, rows).values()) == {1.0}
    path = task.write_predictions(str(tmp_path / "predictions"), found, rows)
    again = task.read(path)
    assert [row["heads"] for row in again] == [row["heads"] for row in rows]
    short = EncodedExamples(task, tokenizer, rows, 4)
    assert short.lost["words without a token"] > 0
    assert (short.rows.truncated.numpy() > 0).all()


def test_answers_are_trees(tokenizer):
    task = tasks.build("klue_dp")
    text = "세종대왕이 서울에 갔다가 한양에서 왔다"
    example = {"text": text, "units": [], "heads": [], "types": []}
    encoded = EncodedExamples(task, tokenizer, [example], 32)
    task.build(4, 0.5, 0.0)
    width = int(encoded.lengths[0])
    features = {k: v.to_tensor() for k, v in encoded.rows.features.items()}
    for seed in range(5):
        x = np.random.default_rng(seed).normal(size=(1, width, 4)).astype(np.float32)
        decided = task.decide(task.predict({"sequence": x}, features), features)
        found = task.collect(decided, encoded.rows, encoded.texts)
        heads = found["head"].numpy()[0].tolist()
        assert len(heads) == 5 and heads[-1] == 0
        assert all(i < head <= 5 for i, head in enumerate(heads[:-1], start=1))


@pytest.mark.parametrize(
    "line",
    ["1\t가\t가\tNNG\t2\tNP", "1\t가\t가\tNNG\t0\tXX", "1\t가\t0\tNP", "1\t가\t가\tN\t-1\tNP"],
)
def test_bad_rows_are_named(tmp_path, line):
    path = tmp_path / "rows.tsv"
    path.write_text(f"## 1\t가\n{line}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        tasks.build("klue_dp").read(str(path))
    assert caught.value.parts[0].startswith(f"{path}, line")

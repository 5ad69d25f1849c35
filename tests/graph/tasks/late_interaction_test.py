"""Late interaction: settings, tokens that count, scores, and the model that is written."""

import json

import numpy as np
import pytest
import scipy.stats

from kortf import tasks
from kortf.cli.main import run_verb
from kortf.errors import InputError
from kortf.export.predictor import Predictor as SavedPredictor
from kortf.export.saved_model import export
from kortf.text.tokenizer.punctuation import punctuation_ids
from kortf.text.tokenizer.tokenizer import load_tokenizer
from kortf.text.vocabulary.vocabulary import Vocabulary
from kortf.train.evaluation.scoring import Scorer
from kortf.train.results.finetuning_results import save_finetuned
from tests.reference.late_interaction import max_sim

pytestmark = pytest.mark.usefixtures("quick_graphs")
TEXTS = [
    "정말 재미있는 영화였다.", "지루하다", "배우 연기가 훌륭하다!", "음악, 영화. 배우",
    "길고 지루한 영화", "재미있다...",
]  # fmt: skip
SKIPS = [pytest.param(False, marks=pytest.mark.exhaustive, id="all tokens"), True]
ROWS = [(TEXTS[i], TEXTS[(i + 1) % 6], TEXTS[(i + 3) % 6]) for i in range(6)]


@pytest.fixture(scope="module", params=SKIPS)
def scorer(request, untrained, vocabulary_dir):
    encoder, _ = untrained
    task = tasks.build(
        "embedding", interaction="late", token_width=4, skip_punctuation=request.param
    )
    task.build(encoder.hidden_dim, 0.3, 0.1)
    return Scorer(encoder, task, load_tokenizer(str(vocabulary_dir)), 20, batch_size=4)


@pytest.fixture(scope="module")
def directory(scorer, tmp_path_factory):
    path = tmp_path_factory.mktemp("late") / "model"
    save_finetuned(str(path), scorer)
    return str(path)


@pytest.fixture(scope="module")
def model(directory):
    """The written model, which all commands load once."""
    from kortf.export import predictor

    model = predictor.Predictor(directory)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(predictor, "Predictor", lambda *_: model)
        yield model


@pytest.fixture(scope="module")
def vectors(model):
    """Token vectors of the texts, as the written model gives them."""
    return model.embed_tokens(TEXTS)


@pytest.mark.parametrize(
    "settings",
    [{"interaction": "late", "pooling": "max"}, {"interaction": "late", "normalize": False},
     {"interaction": "late", "dimensions": "64"}, {"interaction": "late", "token_width": 0},
     {"token_width": 64}, {"skip_punctuation": True}, {"interaction": "both"}],
)  # fmt: skip
def test_settings_of_the_other_interaction_are_refused(settings):
    with pytest.raises(InputError) as caught:
        tasks.build("embedding", **settings)
    assert list(settings)[-1] in caught.value.parts[0]


def test_punctuation_is_told_by_the_characters_of_a_piece():
    pieces = "[PAD] [UNK] [CLS] [SEP] [MASK] 세종 . ##… x. ㅋ # 「".split()
    vocabulary = Vocabulary("wordpiece", "\n".join(pieces).encode())
    assert [vocabulary.pieces[i] for i in punctuation_ids(vocabulary)] == [".", "##…", "#", "「"]


def test_each_token_that_counts_has_a_vector_of_length_one(scorer, vectors):
    tokenizer = scorer.tokenizer
    skipped = punctuation_ids(tokenizer.vocabulary) if scorer.task.skip_punctuation else []
    for text, found in zip(TEXTS, vectors, strict=True):
        pieces = [i for i in tokenizer.encode([text])["token_ids"][0].numpy() if i not in skipped]
        assert found.shape == (len(pieces), 4)
        np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-5)
    assert bool(skipped) == scorer.task.skip_punctuation


def test_scored_pairs_are_compared_in_both_directions(scorer, vectors):
    gold = [0.0, 4.0, 2.0, 3.0, 5.0, 1.0]
    pairs = [(i, (i + 2) % 6) for i in range(6)]
    examples = [
        {"text": TEXTS[a], "text_pair": TEXTS[b], "label": label}
        for (a, b), label in zip(pairs, gold, strict=True)
    ]
    expected = [
        (max_sim(vectors[a], vectors[b]) / len(vectors[a])
         + max_sim(vectors[b], vectors[a]) / len(vectors[b])) / 2
        for a, b in pairs
    ]  # fmt: skip
    found = scorer.find(scorer.encode(examples))
    assert set(found) == {"similarity"}  # no vectors are kept
    np.testing.assert_allclose(found["similarity"][:, 0], expected, atol=1e-5)
    scores = scorer.task.score(found, examples)
    assert scores["spearman"] == pytest.approx(scipy.stats.spearmanr(expected, gold)[0], abs=1e-6)
    rows = list(scorer.task.rows_of_answers(found, examples))
    assert rows[1]["gold"] == 0.8 and rows[1]["predicted"] == pytest.approx(expected[1], abs=1e-5)


def test_positives_are_ranked_by_maxsim(scorer, vectors, tmp_path):
    examples = [{"text": a, "text_pair": b, "negative1": c} for a, b, c in ROWS]
    found = scorer.find(scorer.encode(examples))
    scores = scorer.task.score(found, examples)
    ranks, better = [], []
    for i in range(6):
        against = [max_sim(vectors[i], other) for other in vectors]
        own = against[(i + 1) % 6]
        ranks.append(1 + sum(score > own + 1e-5 for score in against))
        better.append(own > against[(i + 3) % 6])
    assert scores["mrr"] == pytest.approx(np.mean(1 / np.array(ranks)))
    assert scores["recall_at_1"] == pytest.approx(np.mean(np.array(ranks) == 1))
    assert scores["triplet_accuracy"] == pytest.approx(np.mean(better))
    path = scorer.task.write_predictions(str(tmp_path / "p"), found, examples)
    first = json.loads(open(path, encoding="utf-8").readline())
    expected = max_sim(vectors[0], vectors[1]) / len(vectors[0])
    assert first["similarity"] == pytest.approx(expected, abs=1e-5)


def test_single_sentences_cannot_be_scored(scorer):
    examples = [{"text": text} for text in TEXTS]
    with pytest.raises(InputError):
        scorer.task.score(scorer.find(scorer.encode(examples)), examples)


def test_retrieval_is_that_of_all_pairs(directory, vectors, tmp_path, capsys):
    rows = [{"_id": f"d{i}", "text": text} for i, text in enumerate(TEXTS)]
    queries = [{"_id": f"q{i}", "text": TEXTS[i]} for i in (1, 4)]
    for name, values in (("corpus", rows), ("queries", queries)):
        content = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in values)
        (tmp_path / f"{name}.jsonl").write_text(content)
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\nq1\td2\t1\nq4\td4\t1\n"
    )
    flags = [f"--model={directory}", f"--retrieval={tmp_path}", f"--output={tmp_path}/out"]
    assert run_verb("evaluate", flags) == 0
    capsys.readouterr()
    assert json.loads((tmp_path / "out" / "retrieval.json").read_text())["similarity"] == "maxsim"
    found = {}
    for line in (tmp_path / "out" / "run.trec").read_text().splitlines():
        query, _, document, _, score, _ = line.split()
        found[query, document] = float(score)
    assert len(found) == 12
    for (query, document), score in found.items():
        expected = max_sim(vectors[int(query[1:])], vectors[int(document[1:])])
        assert score == pytest.approx(expected, abs=1e-4)


def test_one_vector_a_text_is_refused(directory, model, tmp_path, monkeypatch, capsys):
    with pytest.raises(InputError, match="embed_tokens"):
        model.embed(TEXTS)
    with monkeypatch.context() as patch, pytest.raises(InputError, match="interaction=late"):
        patch.setitem(model.description, "kind", "embedding")
        model.embed_tokens(TEXTS)
    (tmp_path / "t.txt").write_text("한 줄\n")
    np.save(tmp_path / "v.npy", np.ones((1, 4), np.float32))
    for verb, flags in (
        ("embed", [f"--input={tmp_path}/t.txt", f"--output={tmp_path}/o.npy"]),
        ("search", [f"--vectors={tmp_path}/v.npy", "--query=영화"]),
    ):
        assert run_verb(verb, [f"--model={directory}", *flags]) == 2
        assert f"kortf {verb}: {directory}: has a vector for each token" in capsys.readouterr().err
    assert not (tmp_path / "o.npy").exists()


def test_answers_are_the_vectors_that_count(model, vectors):
    assert model.embed_tokens([]) == []
    predicted = model.predict(TEXTS[:2])
    assert [len(row["token_vectors"]) for row in predicted] == [len(text) for text in vectors[:2]]
    np.testing.assert_allclose(predicted[1]["token_vectors"], vectors[1], atol=1e-5)


@pytest.mark.exhaustive
def test_the_saved_model_has_the_same_vectors(directory, vectors, tmp_path):
    import tensorflow as tf

    export(directory, str(tmp_path / "saved"))
    found = SavedPredictor(str(tmp_path / "saved")).embed_tokens(TEXTS)
    for one, other in zip(found, vectors, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
    saved = tf.saved_model.load(str(tmp_path / "saved"))
    batch = load_tokenizer(directory).encode(TEXTS)
    batch = {name: tf.cast(value, tf.int32) for name, value in batch.items()}
    answers = saved.signatures["tokens"](**batch)
    np.testing.assert_array_equal(answers["lengths"], [len(text) for text in vectors])
    np.testing.assert_allclose(
        answers["token_vectors"][1, : len(vectors[1])], vectors[1], atol=1e-5
    )

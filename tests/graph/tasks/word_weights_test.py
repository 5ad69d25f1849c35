"""Word weights of sentence embeddings: pooling, saving, loading, and refused files."""

import json
import pathlib
import shutil

import numpy as np
import pytest

import kortf
from kortf import tasks
from kortf.errors import InputError
from kortf.pretrained.directory.inference import load_finetuned
from kortf.train.evaluation.scoring import Scorer
from kortf.train.results.finetuning_results import save_finetuned
from tests.harness.tasks.sentence_vectors import PAIRS, TEXTS, scorer_of, shares

pytestmark = pytest.mark.usefixtures("quick_graphs")
SMOOTHING = 0.05


@pytest.fixture(scope="module")
def scorer(untrained, vocabulary_dir):
    return scorer_of(untrained[0], vocabulary_dir, word_weights=SMOOTHING)


@pytest.fixture(scope="module")
def vectors(scorer):
    """The weighted means, computed text by text."""
    tokenizer, found = scorer.tokenizer, []
    weights_of = SMOOTHING / (SMOOTHING + shares(tokenizer))
    for text in TEXTS:
        batch = tokenizer.encode([text])
        sequence = scorer.encoder(batch)["sequence"].numpy()[0, 1:-1]
        weights = weights_of[batch["token_ids"][0].numpy()[1:-1]]
        total = (sequence * weights[:, None]).sum(0)
        found.append(total / max(np.linalg.norm(total), 1e-12))
    return np.array(found)


@pytest.fixture(scope="module")
def directory(scorer, tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "model"
    save_finetuned(str(path), scorer)
    return path


def test_pairs_are_compared_by_weighted_means(scorer, vectors):
    found = scorer.task.interaction.similarities(scorer.find(scorer.encode(PAIRS)))[:, 0]
    np.testing.assert_allclose(found, (vectors[:-1] * vectors[1:]).sum(1), atol=1e-5)
    assert found[-1] == 0.0  # a text without a token


def test_the_written_model_has_the_weights(scorer, directory, vectors):
    np.testing.assert_allclose(kortf.load(directory).embed(TEXTS), vectors, atol=1e-5)
    loaded = load_finetuned(str(directory), tasks.build)
    again = Scorer(loaded.encoder, loaded.task, scorer.tokenizer, 20, batch_size=2)
    one, other = (each.find(each.encode(PAIRS))["vectors"] for each in (scorer, again))
    np.testing.assert_array_equal(one, other)
    modules = json.loads((directory / "modules.json").read_text())
    assert [module["type"].rpartition(".")[2] for module in modules] == [
        "Transformer", "WordWeights", "Pooling", "Normalize",
    ]  # fmt: skip


def test_without_weights_the_mean_has_all_tokens(scorer):
    task = tasks.build("embedding")
    task.take_tokens(scorer.tokenizer, PAIRS)
    assert task.token_weights is None


@pytest.mark.parametrize(
    ("settings", "needed"),
    [({"pooling": "cls"}, "pooling=mean"), ({"interaction": "late"}, "interaction=single")],
)
def test_weights_are_of_a_mean(settings, needed):
    with pytest.raises(InputError, match="word_weights") as caught:
        tasks.build("embedding", word_weights=1e-3, **settings)
    assert caught.value.parts[2].endswith(f"set config.task.{needed}")


def _config(directory: pathlib.Path, change) -> None:
    path = directory / "1_WordWeights" / "config.json"
    config = json.loads(path.read_text())
    change(config)
    path.write_text(json.dumps(config))


@pytest.mark.parametrize(
    "damage, told",
    [
        (lambda d: shutil.rmtree(d / "1_WordWeights"), "no such file"),
        (lambda d: _config(d, lambda c: c.update(vocab=3)), "not a list of pieces"),
        (lambda d: _config(d, lambda c: c["vocab"].pop()), "has the shape"),
        (lambda d: _config(d, lambda c: c.update(scale=2)), "scale"),
        (
            lambda d: (d / "2_Pooling" / "config.json").write_text(
                '{"pooling_mode_cls_token": true}'
            ),
            "pooling cls of weighted tokens",
        ),
    ],
    ids=["no folder", "no list", "one piece less", "a setting", "cls"],
)
def test_damaged_weights_are_refused(directory, tmp_path, damage, told):
    copy = tmp_path / "model"
    shutil.copytree(directory, copy)
    damage(copy)
    with pytest.raises(InputError, match=told):
        kortf.load(copy)


def test_weights_of_another_vocabulary_are_refused(scorer, directory, tmp_path):
    copy = tmp_path / "model"
    shutil.copytree(directory, copy)
    from kortf.pretrained.formats import tensors

    values = np.ones((7, 1), np.float32)
    file = str(copy / "1_WordWeights" / tensors.FILE)
    tensors.write(file, {"emb_layer.weight": tensors.Announced((7, 1), lambda: values)})
    _config(copy, lambda c: c.update(vocab=list("abcdefg")))
    with pytest.raises(InputError, match="weights of 7 pieces for a vocabulary of"):
        kortf.load(copy)
    with pytest.raises(InputError, match="weights of 7 pieces for a vocabulary of"):
        load_finetuned(str(copy), tasks.build)

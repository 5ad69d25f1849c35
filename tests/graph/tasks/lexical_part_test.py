"""The lexical part of sentence embeddings: vectors, saving, loading, and refused files."""

import json
import shutil

import numpy as np
import pytest
import tensorflow as tf

import kortf
from kortf import tasks
from kortf.errors import InputError
from kortf.export.saved_model import export
from kortf.layers.heads.lexical_part import lexical_codes
from kortf.pretrained.averaging import average_models
from kortf.pretrained.directory.directory import save_pretrained
from kortf.pretrained.directory.inference import load_finetuned
from kortf.pretrained.sentence_transformers.reading import read_embedding_settings
from kortf.tasks.kinds.embedding.task import SMOOTHING
from kortf.train.evaluation.scoring import Scorer
from kortf.train.results.finetuning_results import save_finetuned
from tests.harness.tasks.sentence_vectors import PAIRS, TEXTS, scorer_of, shares

pytestmark = pytest.mark.usefixtures("quick_graphs")
SHARE = 0.3
MODULES = [
    "Transformer", "Pooling", "Normalize", "WordEmbeddings", "WordWeights", "Dense", "Pooling",
    "Normalize",
]  # fmt: skip


@pytest.fixture(scope="module")
def scorer(untrained, vocabulary_dir):
    return scorer_of(untrained[0], vocabulary_dir, lexical_weight=SHARE)


@pytest.fixture(scope="module")
def vectors(scorer):
    """The vectors, computed text by text from a table of codes."""
    tokenizer, found = scorer.tokenizer, []
    weights = (SMOOTHING / (SMOOTHING + shares(tokenizer))).astype(np.float32)
    codes, _ = lexical_codes(weights, scorer.encoder.hidden_dim, SHARE)
    for text in TEXTS:
        batch = tokenizer.encode([text])
        ids = batch["token_ids"][0].numpy()[1:-1]
        dense = scorer.encoder(batch)["sequence"].numpy()[0].mean(0)
        lexical = codes[ids].sum(0) / np.sqrt(max((weights[ids] ** 2).sum(), 1e-9))
        vector = np.concatenate([dense / np.linalg.norm(dense), lexical])
        found.append(vector / np.linalg.norm(vector))
    return np.array(found)


@pytest.fixture(scope="module")
def directory(scorer, tmp_path_factory):
    path = tmp_path_factory.mktemp("lexical") / "model"
    save_finetuned(str(path), scorer)
    return path


def test_codes_are_nearly_orthogonal_and_have_the_length_of_their_weight():
    weights = np.linspace(0, 1, 200, dtype=np.float32)
    codes, squares = lexical_codes(weights, 512, 0.25)
    np.testing.assert_allclose(np.linalg.norm(codes, axis=1), weights / 2, rtol=1e-5)
    np.testing.assert_allclose(squares, weights**2)
    unit = codes[1:] / np.linalg.norm(codes[1:], axis=1, keepdims=True)
    cosines = (unit @ unit.T)[~np.eye(199, dtype=bool)]
    assert abs(cosines.std() - 512**-0.5) < 0.003 and abs(cosines.mean()) < 0.003


def test_pairs_are_compared_by_vectors_of_both_parts(scorer, vectors):
    found = scorer.task.interaction.similarities(scorer.find(scorer.encode(PAIRS)))[:, 0]
    np.testing.assert_allclose(found, (vectors[:-1] * vectors[1:]).sum(1), atol=1e-5)


def test_every_door_gives_the_vectors(scorer, directory, vectors, tmp_path):
    np.testing.assert_allclose(kortf.load(directory).embed(TEXTS), vectors, atol=1e-5)
    description = export(str(directory), str(tmp_path / "saved"))
    assert description["dim"] == vectors.shape[1] == 2 * scorer.encoder.hidden_dim
    saved = tf.saved_model.load(str(tmp_path / "saved"))
    found = saved.signatures["serving_default"](text=tf.constant(TEXTS))["embedding"]
    np.testing.assert_allclose(found, vectors, atol=1e-5)
    loaded = load_finetuned(str(directory), tasks.build)
    again = Scorer(loaded.encoder, loaded.task, scorer.tokenizer, 20, batch_size=2)
    one, other = (each.find(each.encode(PAIRS))["vectors"] for each in (scorer, again))
    np.testing.assert_allclose(one, other, atol=1e-6)


def test_the_modules_are_those_of_sentence_transformers(directory):
    modules = json.loads((directory / "modules.json").read_text())
    assert [module["type"].rpartition(".")[2] for module in modules] == MODULES


def test_late_interaction_has_no_lexical_part():
    with pytest.raises(InputError, match="lexical_weight"):
        tasks.build("embedding", lexical_weight=0.2, interaction="late")


def _modules(directory, change):
    path = directory / "modules.json"
    listed = json.loads(path.read_text())
    change(listed)
    path.write_text(json.dumps(listed))


def _config(path, **values):
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


@pytest.mark.parametrize(
    "damage, told",
    [
        (lambda d: shutil.rmtree(d / "3_WordEmbeddings"), "no such file"),
        (lambda d: _modules(d, lambda m: m.pop(2)), "WordEmbeddings"),
        (lambda d: _modules(d, lambda m: m.pop(4)), "WordEmbeddings"),
        (lambda d: _modules(d, lambda m: m.append(m[5] | {"idx": 8})), "WordEmbeddings"),
        (lambda d: _config(d / "3_WordEmbeddings/wordembedding_config.json", scale=2), "scale"),
        (
            lambda d: _config(d / "5_Dense/config.json", module_output_name="sentence_embedding"),
            "module_output_name",
        ),
        (
            lambda d: _config(
                d / "5_Dense/config.json", activation_function="torch.nn.modules.activation.Tanh"
            ),
            "changes the vector",
        ),
        (
            lambda d: _config(d / "6_Pooling/config.json", pooling_mode_max_tokens=True),
            "cls . max . mean_sqrt_len_tokens",
        ),
    ],
    ids=["no table", "no norm", "no weights", "a layer more", "a setting", "place", "tanh", "max"],
)
def test_damaged_tables_are_refused(directory, tmp_path, damage, told):
    copy = tmp_path / "model"
    shutil.copytree(directory, copy)
    damage(copy)
    with pytest.raises(InputError, match=told):
        kortf.load(copy)


def test_tables_that_are_missing_are_told(directory, tmp_path):
    copy = tmp_path / "model"
    shutil.copytree(directory, copy)
    _modules(copy, lambda listed: listed.__delitem__(slice(2, 7)))
    with pytest.raises(InputError, match="missing"):
        load_finetuned(str(copy), tasks.build)


def test_tables_are_written_again_as_they_were_read(directory, vectors, tmp_path):
    encoder, tokenizer = kortf.from_pretrained(directory), kortf.load_tokenizer(directory)
    settings = read_embedding_settings(str(directory))
    path = str(tmp_path / "again")
    save_pretrained(path, encoder, tokenizer.vocabulary, embedding=settings)
    np.testing.assert_allclose(kortf.load(path).embed(TEXTS), vectors, atol=1e-5)


def test_the_mean_of_models_keeps_the_tables(directory, vectors, tmp_path):
    copy = str(tmp_path / "copy")
    shutil.copytree(directory, copy)
    average_models([str(directory), copy], str(tmp_path / "mean"))
    np.testing.assert_allclose(kortf.load(tmp_path / "mean").embed(TEXTS), vectors, atol=1e-5)

"""Settings of sentence-transformers are written, read, and refused by name."""

import json
import math
import shutil
from types import SimpleNamespace

import numpy as np
import pytest

import kortf
from kortf.errors import InputError
from kortf.export.heads.embedding import Embedder
from kortf.pretrained.averaging import average_models
from kortf.pretrained.directory.directory import save_pretrained
from kortf.pretrained.sentence_transformers.reading import read_embedding_settings
from kortf.pretrained.sentence_transformers.settings import Dense, EmbeddingSettings
from kortf.pretrained.sentence_transformers.writing import write_embedding_settings
from kortf.text.tokenizer.tokenizer import Tokenizer, load_tokenizer
from kortf.text.vocabulary.vocabulary import Vocabulary
from tests.harness.pretrained.random_models import BATCH, build

SETTINGS = EmbeddingSettings(
    "cls", True, 20, True, prompts={"query": "질의: "}, default_prompt="query", dim=3,
    similarity="dot",
)  # fmt: skip
POOLING, MODULES = "1_Pooling/config.json", "modules.json"
TRANSFORMER, MODEL = "sentence_bert_config.json", "config_sentence_transformers.json"
TYPE = "sentence_transformers.models."


@pytest.fixture
def directory(tmp_path):
    write_embedding_settings(str(tmp_path), SETTINGS, 16)
    return tmp_path


def change(path, **values):
    """Change keys of a JSON object in a file; None removes a key."""
    config = json.loads(path.read_text()) | values
    path.write_text(json.dumps({k: v for k, v in config.items() if v is not None}))


def test_settings_are_read_as_they_were_written(directory):
    assert read_embedding_settings(str(directory)) == SETTINGS
    write_embedding_settings(str(directory), EmbeddingSettings("max"), 16)
    assert read_embedding_settings(str(directory)) == EmbeddingSettings("max")
    assert not (directory / "2_Normalize").exists()


def test_dense_layers_are_read_as_they_were_written(tmp_path):
    kernel, bias = np.arange(6, dtype=np.float32).reshape(3, 2), np.ones(2, np.float32)
    layers = (Dense(kernel, bias, "gelu"), Dense(kernel[:2], None, "identity"))
    write_embedding_settings(str(tmp_path), EmbeddingSettings(dense=layers), 3)
    first, second = read_embedding_settings(str(tmp_path)).dense
    np.testing.assert_array_equal(first.kernel, kernel)
    np.testing.assert_array_equal(first.bias, bias)
    assert (first.activation, second.activation, second.bias) == ("gelu", "identity", None)


def test_form_of_version_6_is_read(directory):
    (directory / POOLING).write_text('{"embedding_dimension": 16, "pooling_mode": "max"}')
    transformer = {
        "transformer_task": "feature-extraction",
        "modality_config": {
            "text": {"method": "forward", "method_output_name": "last_hidden_state"}
        },
        "module_output_name": "token_embeddings",
    }
    (directory / TRANSFORMER).write_text(json.dumps(transformer))
    (directory / "tokenizer_config.json").write_text('{"model_max_length": 19}')
    found = read_embedding_settings(str(directory))
    assert (found.pooling, found.max_length, found.do_lower_case) == ("max", 19, False)


def test_other_directories_have_no_settings(tmp_path):
    assert read_embedding_settings(str(tmp_path)) is None


MODE = {"pooling_mode_cls_token": False}
REFUSED = [
    (POOLING, MODE | {"pooling_mode_mean_sqrt_len_tokens": True}, "mean_sqrt_len_tokens"),
    (POOLING, {"pooling_mode_mean_tokens": True}, "cls + mean"),
    (POOLING, {"pooling_mode": "lasttoken"}, "lasttoken"),
    (POOLING, {"pooling_mode": ["cls", "max"]}, "cls + max"),
    (POOLING, {"include_prompt": False}, "include_prompt"),
    (TRANSFORMER, {"max_seq_length": 0}, "max_seq_length"),
    (TRANSFORMER, {"do_lower_case": "false"}, "do_lower_case"),
    (TRANSFORMER, {"transformer_task": "fill-mask"}, "transformer_task"),
    (TRANSFORMER, {"query_length": 32}, "query_length"),
    (MODEL, {"model_type": "SparseEncoder"}, "model_type"),
    (MODEL, {"default_prompt_name": "passage"}, "passage"),
    (MODEL, {"truncate_dim": 0}, "truncate_dim"),
    (MODEL, {"similarity_fn_name": "jaccard"}, "similarity_fn_name"),
]


def test_the_place_of_a_pooling_names_its_key(directory):
    change(directory / POOLING, pooling_mode="lasttoken")
    with pytest.raises(InputError) as caught:
        read_embedding_settings(str(directory))
    assert caught.value.parts[0] == f"{directory / POOLING}, pooling_mode"


@pytest.mark.parametrize(("name", "values", "word"), REFUSED)
def test_setting_that_is_not_computed_is_refused_by_name(directory, name, values, word):
    change(directory / name, **values)
    with pytest.raises(InputError) as caught:
        read_embedding_settings(str(directory))
    assert word in str(caught.value) and str(directory / name) in caught.value.parts[0]


@pytest.mark.parametrize(
    ("modules", "word"),
    [
        ([("Transformer", ""), ("Pooling", "1_Pooling"), ("LSTM", "2_LSTM")], "LSTM"),
        ([("Transformer", ""), ("WordWeights", "1_WordWeights")], "WordWeights"),
        ([("BoW", ""), ("Pooling", "1_Pooling")], "BoW"),
        ([("Transformer", "0_Transformer"), ("Pooling", "1_Pooling")], "0_Transformer"),
        ([("Transformer", ""), ("Pooling", "../x")], "../x"),
        ([("Transformer", ""), ("Pooling", "1_Pooling"), ("Normalize", "2_Normalize"),
          ("Normalize", "3_Normalize")], "Normalize"),
        ([("Transformer", "")], "Pooling"),
    ],
)  # fmt: skip
def test_module_that_is_not_computed_is_refused_by_name(directory, modules, word):
    listed = [{"type": TYPE + name, "path": path} for name, path in modules]
    (directory / MODULES).write_text(json.dumps(listed))
    with pytest.raises(InputError) as caught:
        read_embedding_settings(str(directory))
    assert word in str(caught.value) and str(directory / MODULES) in caught.value.parts[0]


def test_module_of_another_package_is_refused(directory):
    listed = json.loads((directory / MODULES).read_text())
    listed[1]["type"] = "custom.Pooling"
    (directory / MODULES).write_text(json.dumps(listed))
    with pytest.raises(InputError, match="custom.Pooling"):
        read_embedding_settings(str(directory))


def test_pooling_without_modules_is_refused(directory):
    (directory / MODULES).unlink()
    with pytest.raises(InputError, match="modules.json"):
        read_embedding_settings(str(directory))


def test_directory_is_saved_with_its_settings_and_without_old_ones(untrained, tmp_path):
    encoder, vocabulary = untrained
    path = str(tmp_path / "model")
    save_pretrained(path, encoder, vocabulary, embedding=EmbeddingSettings("cls"))
    assert read_embedding_settings(path).pooling == "cls"
    save_pretrained(path, encoder, vocabulary)
    assert read_embedding_settings(path) is None


def test_vectors_follow_the_settings(untrained, tmp_path):
    encoder, vocabulary = untrained
    path = str(tmp_path / "model")
    save_pretrained(path, encoder, vocabulary)
    texts = ["정말 재미있는 영화였다", "ABC"]
    mean = kortf.load(path).embed(texts)
    shutil.copytree(path, tmp_path / "prompt")
    settings = EmbeddingSettings(
        normalize=True, dim=5, prompts={"query": "정말 "}, default_prompt="query"
    )
    write_embedding_settings(str(tmp_path / "prompt"), settings, 16)
    found = kortf.load(tmp_path / "prompt").embed(["재미있는 영화였다"])
    expected = mean[:1] / np.linalg.norm(mean[:1], axis=-1, keepdims=True)
    np.testing.assert_allclose(found, expected[:, :5], atol=1e-6)


@pytest.fixture
def cased(tmp_path):
    """`(encoder, vocabulary)` of pieces with and without capitals."""
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "##b", "A", "##B"]
    settings = {"do_lower_case": False}
    vocabulary = Vocabulary("wordpiece", "\n".join(pieces).encode(), settings)
    return build("bert", vocabulary_size=13, num_layers=1), vocabulary


def test_dense_layers_follow_the_pooling_of_lower_cased_texts(cased, tmp_path):
    encoder, vocabulary = cased
    rng = np.random.default_rng(0)
    kernels = [rng.normal(size=shape).astype(np.float32) for shape in ((16, 6), (6, 4))]
    bias = rng.normal(size=6).astype(np.float32)
    layers = (Dense(kernels[0], bias, "gelu"), Dense(kernels[1], None, "silu"))
    settings = EmbeddingSettings("cls", do_lower_case=True, dense=layers)
    save_pretrained(str(tmp_path), encoder, vocabulary, embedding=settings)
    embedder = Embedder(str(tmp_path), load_tokenizer(str(tmp_path)), 16)
    assert embedder.dim == 4
    assert embedder.tokenizer.tokenize(["AB", "ab A"]).to_list() == [[5, 6], [5, 6, 5]]
    outputs = encoder(BATCH)
    first = outputs["sequence"][:, 0].numpy() @ kernels[0] + bias  # of the first token
    gelu = first * (1 + np.vectorize(math.erf)(first / math.sqrt(2))) / 2
    last = gelu @ kernels[1]
    found = embedder.pool(outputs, BATCH)
    np.testing.assert_allclose(found, last / (1 + np.exp(-last)), rtol=1e-4, atol=1e-5)


def test_settings_that_do_not_fit_the_model_are_refused(cased, tmp_path):
    kernel = np.zeros((3, 2), np.float32)
    tokenizer = Tokenizer(cased[1])
    for settings, place in (
        (EmbeddingSettings(dense=(Dense(kernel),)), str(tmp_path)),
        (EmbeddingSettings(dim=99), f"{tmp_path}/config_sentence_transformers.json, truncate_dim"),
    ):
        write_embedding_settings(str(tmp_path), settings, 16)
        with pytest.raises(InputError) as caught:
            Embedder(str(tmp_path), tokenizer, 16)
        assert caught.value.parts[0] == place
    write_embedding_settings(str(tmp_path), EmbeddingSettings(do_lower_case=True), 16)
    vocabulary = SimpleNamespace(kind="sentencepiece", lowercase=False)
    with pytest.raises(InputError) as caught:
        Embedder(str(tmp_path), SimpleNamespace(vocabulary=vocabulary), 16)
    assert caught.value.parts[0] == f"{tmp_path / TRANSFORMER}, do_lower_case"


def test_mean_of_models_keeps_the_settings(untrained, tmp_path):
    encoder, vocabulary = untrained
    paths = [str(tmp_path / name) for name in "abc"]
    for path, pooling in zip(paths, ("max", "max", "mean"), strict=True):
        save_pretrained(path, encoder, vocabulary, embedding=EmbeddingSettings(pooling))
    average_models(paths[:2], str(tmp_path / "mean"))
    assert read_embedding_settings(str(tmp_path / "mean")).pooling == "max"
    with pytest.raises(InputError, match="embedding"):
        average_models(paths[1:], str(tmp_path / "other"))

"""The form of MultiVectorEncoder is written, read, and refused by name."""

import json

import numpy as np
import pytest

from kortf.errors import InputError
from kortf.pretrained.averaging import average_models
from kortf.pretrained.directory.directory import save_pretrained
from kortf.pretrained.sentence_transformers.reading import read_embedding_settings, read_settings
from kortf.pretrained.sentence_transformers.settings import (
    Dense,
    EmbeddingSettings,
    TokenSettings,
)
from kortf.pretrained.sentence_transformers.writing import write_embedding_settings

KERNEL = np.arange(6, dtype=np.float32).reshape(3, 2)
SETTINGS = TokenSettings((Dense(KERNEL, None, "identity"),), (".", "!"), 20)
DENSE, MASK, NORMALIZE = (
    f"{i}_{name}/config.json" for i, name in enumerate(("Dense", "MultiVectorMask", "Normalize"), 1)
)
MODULES, MODEL = "modules.json", "config_sentence_transformers.json"
TRANSFORMER = "sentence_bert_config.json"


@pytest.fixture
def directory(tmp_path):
    write_embedding_settings(str(tmp_path), SETTINGS, 3)
    return tmp_path


def test_settings_are_read_as_they_were_written(directory):
    found = read_settings(str(directory))
    assert isinstance(found, TokenSettings)
    assert (found.skipped, found.max_length, found.do_lower_case) == ((".", "!"), 20, False)
    (layer,) = found.dense
    np.testing.assert_array_equal(layer.kernel, KERNEL)
    assert layer.bias is None and layer.activation == "identity"


@pytest.mark.parametrize("name", [DENSE, NORMALIZE])
def test_a_module_that_names_no_output_writes_where_it_reads(directory, name):
    config = json.loads((directory / name).read_text())
    assert config.pop("module_output_name") == config["module_input_name"]
    (directory / name).write_text(json.dumps(config))
    np.testing.assert_array_equal(read_settings(str(directory)).dense[0].kernel, KERNEL)


def test_files_of_the_other_kind_are_removed(directory):
    write_embedding_settings(str(directory), EmbeddingSettings("max"), 3)
    assert read_settings(str(directory)) == EmbeddingSettings("max")
    assert [path.name for path in directory.iterdir() if path.is_dir()] == ["1_Pooling"]
    write_embedding_settings(str(directory), SETTINGS, 3)
    assert isinstance(read_settings(str(directory)), TokenSettings)
    assert not (directory / "1_Pooling").exists()


def test_it_is_no_directory_of_single_vectors(directory):
    with pytest.raises(InputError, match="MultiVectorEncoder"):
        read_embedding_settings(str(directory))


@pytest.mark.parametrize(
    ("name", "values", "word"),
    [
        (MASK, {"skiplist_tasks": ["document"]}, "skiplist_tasks"),
        (MASK, {"skiplist_words": "."}, "skiplist_words"),
        (MASK, {"keep_only_token_ids": [7]}, "keep_only_token_ids"),
        (DENSE, {"module_input_name": "sentence_embedding"}, "module_input_name"),
        (DENSE, {"module_input_name": None}, "module_input_name"),
        (DENSE, {"use_residual": True}, "use_residual"),
        (NORMALIZE, {"module_output_name": "sentence_embedding"}, "module_output_name"),
        (TRANSFORMER, {"query_length": 32}, "query_length"),
        (TRANSFORMER, {"query_expansion": {"length": 32}}, "query_expansion"),
        (MODEL, {"prompts": {"query": "[Q] ", "document": "[D] "}}, "prompts"),
        (MODEL, {"similarity_fn_name": "meanmaxsim"}, "similarity_fn_name"),
        (MODEL, {"truncate_dim": 2}, "truncate_dim"),
    ],
)
def test_setting_that_is_not_computed_is_refused_by_name(directory, name, values, word):
    path = directory / name
    config = json.loads(path.read_text()) | values
    path.write_text(json.dumps({k: v for k, v in config.items() if v is not None}))
    with pytest.raises(InputError) as caught:
        read_settings(str(directory))
    assert word in str(caught.value) and str(path) in caught.value.parts[0]


@pytest.mark.parametrize(
    "order", [[0, 1, 2], [0, 2, 1, 3], [0, 1, 2, 3, 3], [1, 2, 3], [0, 1, 3, 2]]
)
def test_modules_in_another_order_are_refused(directory, order):
    listed = json.loads((directory / MODULES).read_text())
    (directory / MODULES).write_text(json.dumps([listed[i] for i in order]))
    with pytest.raises(InputError) as caught:
        read_settings(str(directory))
    assert str(directory / MODULES) in caught.value.parts[0]


def test_nothing_is_averaged(untrained, tmp_path):
    encoder, vocabulary = untrained
    layer = Dense(np.ones((16, 2), np.float32), None, "identity")
    paths = [str(tmp_path / name) for name in "ab"]
    for path in paths:
        save_pretrained(path, encoder, vocabulary, embedding=TokenSettings((layer,)))
    with pytest.raises(InputError, match="dense"):
        average_models(paths, str(tmp_path / "mean"))

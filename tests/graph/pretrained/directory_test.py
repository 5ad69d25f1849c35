"""Model directories without torch: what is written is read again, what is broken is named."""

import json
import os

import numpy as np
import pytest
import tensorflow as tf

import kortf
from kortf import models
from kortf.errors import InputError
from kortf.layers.heads.classifier import Classifier
from kortf.layers.heads.heads import MaskedLMHead
from kortf.pretrained.directory import writing
from kortf.pretrained.directory.directory import (
    encoder_settings,
    load_encoder,
    load_heads,
    read_config,
    save_pretrained,
)
from kortf.text.vocabulary.saving import save_vocabulary
from kortf.text.vocabulary.vocabulary import Vocabulary

SIZES = {
    "vocabulary_size": 11,
    "num_layers": 2,
    "num_heads": 2,
    "hidden_dim": 6,
    "intermediate_dim": 10,
    "max_length": 9,
}
PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "나", "##는", "간다", "."]
BATCH = {
    "token_ids": np.array([[2, 5, 6, 3], [2, 7, 3, 0]], np.int32),
    "segment_ids": np.array([[0, 0, 1, 1], [0, 1, 1, 0]], np.int32),
    "padding_mask": np.array([[1, 1, 1, 1], [1, 1, 1, 0]], np.int32),
}


def build(**changes):
    encoder = models.build("bert", **(SIZES | changes))
    scatter(encoder)
    return encoder


def scatter(layer):
    """Gives every variable, norms and biases too, values of its own."""
    rng = np.random.default_rng(len(layer.weights))
    for variable in layer.weights:
        variable.assign(rng.normal(size=variable.shape))


def vocabulary() -> Vocabulary:
    return Vocabulary("wordpiece", "\n".join(PIECES).encode())


def masked_lm(encoder) -> MaskedLMHead:
    head = MaskedLMHead(encoder.token_embedding)
    head.build((None, encoder.hidden_dim))
    scatter(head)
    return head


def classifier(encoder, **settings) -> Classifier:
    head = Classifier(3, **settings)
    head.build(encoder.hidden_dim)
    scatter(head)
    return head


def contents(directory) -> dict[str, bytes]:
    return {name: (directory / name).read_bytes() for name in os.listdir(directory)}


def assert_same_weights(ours, theirs):
    assert len(ours.weights) == len(theirs.weights) > 0
    for a, b in zip(ours.weights, theirs.weights, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


@pytest.mark.parametrize("norm", ["post", "pre"])
def test_encoder_comes_back_whole(tmp_path, norm):
    encoder = build(norm=norm, activation="gelu_tanh", dropout=0.2, output_init_scale=0.005)
    save_pretrained(tmp_path / "model", encoder, vocabulary())
    again = kortf.from_pretrained(tmp_path / "model")
    assert again.settings == encoder.settings
    assert_same_weights(again, encoder)
    np.testing.assert_array_equal(again(BATCH)["pooled"], encoder(BATCH)["pooled"])
    again.save_pretrained(tmp_path / "copy")
    assert contents(tmp_path / "copy") == contents(tmp_path / "model")


def test_encoder_without_pooler_comes_back_without(tmp_path):
    encoder = build(pooler=False)
    save_pretrained(tmp_path, encoder)
    again = kortf.from_pretrained(tmp_path)
    assert again.pooler is None
    assert_same_weights(again, encoder)


def test_heads_come_back_and_new_ones_are_told(tmp_path):
    encoder = build()
    head = masked_lm(encoder)
    save_pretrained(tmp_path, encoder, heads={"masked_lm": head})
    other, pair = masked_lm(encoder), classifier(encoder)
    assert not {id(variable) for variable in other.weights} & {id(v) for v in encoder.weights}
    before = [variable.numpy() for variable in pair.weights]
    assert load_heads({"masked_lm": other, "classifier": pair}, tmp_path) == ["classifier"]
    assert_same_weights(other, head)
    for variable, value in zip(pair.weights, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)


def test_config_has_what_the_caller_adds(tmp_path):
    encoder = build()
    extra = {"id2label": {0: "부정", 1: "긍정", 2: "중립"}, "kortf": {"task": "nsmc"}}
    save_pretrained(
        tmp_path, encoder, heads={"classifier": classifier(encoder)}, extra=extra, card="# 모델\n"
    )
    config = read_config(tmp_path)
    assert config["architectures"] == ["BertForSequenceClassification"]
    assert config["id2label"] == {"0": "부정", "1": "긍정", "2": "중립"}
    assert config["kortf"]["task"] == "nsmc"
    assert config["kortf"]["version"] == kortf.__version__
    assert (tmp_path / "README.md").read_text() == "# 모델\n"
    save_pretrained(tmp_path, encoder)
    assert (tmp_path / "README.md").read_text() == "# 모델\n"  # its user's, so it stays


def test_card_of_an_older_model_is_replaced(tmp_path):
    save_pretrained(tmp_path, build(), heads={"masked_lm": masked_lm(build())})
    assert "pipeline_tag: fill-mask" in (tmp_path / "README.md").read_text()
    save_pretrained(tmp_path, build())
    assert "pipeline_tag: feature-extraction" in (tmp_path / "README.md").read_text()


def test_tokenizer_is_limited_to_the_positions_of_the_model(tmp_path):
    save_pretrained(tmp_path, build(), vocabulary())
    settings = json.loads((tmp_path / "tokenizer_config.json").read_text())
    assert settings["model_max_length"] == SIZES["max_length"]


def test_classifier_of_another_pooling_does_not_pass_for_hugging_faces(tmp_path):
    encoder = build()
    head = classifier(encoder, pooling="max")
    save_pretrained(tmp_path, encoder, heads={"classifier": head})
    assert read_config(tmp_path)["architectures"] == ["BertModel"]
    other = classifier(encoder, pooling="max")
    assert load_heads({"classifier": other}, tmp_path) == []
    assert_same_weights(other, head)
    assert load_heads({"classifier": classifier(encoder)}, tmp_path) == ["classifier"]


def test_bfloat16_model_is_written_in_float32(tmp_path):
    encoder = build(dtype="mixed_bfloat16")
    save_pretrained(tmp_path, encoder)
    again = kortf.from_pretrained(tmp_path, dtype="mixed_bfloat16")
    assert again(BATCH)["sequence"].dtype == tf.bfloat16
    assert_same_weights(again, encoder)


def test_weights_are_copied_into_an_encoder_of_the_same_sizes(tmp_path):
    encoder, other = build(), models.build("bert", **SIZES)
    save_pretrained(tmp_path, encoder)
    load_encoder(other, tmp_path)
    assert_same_weights(other, encoder)


def test_pooler_may_be_missing(tmp_path):
    encoder, other = build(pooler=False), build()
    pooler = other.pooler.kernel.numpy()
    save_pretrained(tmp_path, encoder)
    load_encoder(other, tmp_path)
    np.testing.assert_array_equal(other.pooler.kernel.numpy(), pooler)
    np.testing.assert_array_equal(other(BATCH)["sequence"], encoder(BATCH)["sequence"])


def test_older_directory_is_replaced_and_its_neighbours_stay(tmp_path):
    save_pretrained(tmp_path, build())
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "spiece.model").write_text("of the older model")
    encoder = build(num_layers=1)
    save_pretrained(tmp_path, encoder, vocabulary())
    assert_same_weights(kortf.from_pretrained(tmp_path), encoder)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert not (tmp_path / "spiece.model").exists()


def test_nothing_is_left_of_a_write_that_fails(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    encoder = build()
    save_pretrained(tmp_path / "model", encoder)
    before = contents(tmp_path / "model")
    monkeypatch.setattr(writing, "_fit_tokenizer", fail)
    for name in ("model", "new"):
        with pytest.raises(OSError, match="No space left"):
            save_pretrained(tmp_path / name, build(num_layers=1), vocabulary())
    assert os.listdir(tmp_path) == ["model"]
    assert contents(tmp_path / "model") == before


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"hidden_dim": 8, "intermediate_dim": 10}, ["hidden_dim is 6 where the model has 8"]),
        ({"vocabulary_size": 12}, ["vocabulary_size is 11 where the model has 12"]),
        ({"max_length": 7}, ["max_length is 9 where the model has 7"]),
        ({"intermediate_dim": 12}, ["intermediate_dim is 10 where the model has 12"]),
        ({"num_layers": 3}, ["num_layers is 2 where the model has 3"]),
        ({"num_layers": 1}, ["num_layers is 2 where the model has 1"]),
        ({"num_heads": 3}, ["num_heads is 2 where the model has 3"]),
        ({"norm": "pre"}, ["norm is 'post' where the model has 'pre'"]),
        ({"activation": "relu"}, ["activation is 'gelu' where the model has 'relu'"]),
    ],
)
def test_other_sizes_are_refused(tmp_path, changes, words):
    save_pretrained(tmp_path, build())
    other = build(**changes)
    before = [variable.numpy() for variable in other.weights]
    with pytest.raises(InputError) as caught:
        load_encoder(other, tmp_path)
    for word in words:
        assert word in str(caught.value)
    assert str(tmp_path) in str(caught.value)
    for variable, value in zip(other.weights, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"model_type": "xlnet"}, "model_type: 'xlnet' is not supported; kortf reads albert, bert"),
        ({"model_type": None}, "model_type: is missing"),
        ({"model_type": ["bert"]}, "model_type: ['bert'] is not supported"),
        ({"vocab_size": None}, "vocab_size: is missing"),
        ({"vocab_size": "11"}, "vocab_size: '11' where a positive whole number is expected"),
        ({"hidden_size": 0}, "hidden_size: 0 where a positive whole number is expected"),
        ({"hidden_size": 7}, "num_attention_heads: 2 does not divide hidden_size 7"),
        ({"hidden_size": 8}, "has the shape [11, 6] where the model has [11, 8]"),
        ({"num_hidden_layers": 5}, "encoder.layer.2.attention.self.query.weight: is missing"),
        ({"layer_norm_eps": "small"}, "layer_norm_eps: 'small' where a number is expected"),
        ({"hidden_act": "silu"}, "hidden_act: 'silu' is not supported"),
        ({"position_embedding_type": "relative_key"}, "position_embedding_type: 'relative_key'"),
        ({"is_decoder": True}, "is_decoder: True is not supported"),
    ],
)
def test_configs_that_cannot_be_are_refused(tmp_path, changes, words):
    save_pretrained(tmp_path, build())
    config = read_config(tmp_path) | changes
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(InputError) as caught:
        kortf.from_pretrained(tmp_path)
    assert words in str(caught.value)


def test_sizes_alone_tell_the_encoder():
    config = {"model_type": "bert", "vocab_size": 8, "hidden_size": 4, "num_hidden_layers": 1}
    config |= {"num_attention_heads": 2, "intermediate_size": 6}
    name, settings = encoder_settings(config)
    assert name == "bert"
    assert models.build(name, **settings).settings == settings
    assert settings["max_length"] == 512 and settings["norm_epsilon"] == 1e-12


@pytest.mark.parametrize("size", [0, 5, 100, -1])
def test_truncated_weights_are_refused(tmp_path, size):
    save_pretrained(tmp_path, build())
    file = tmp_path / "model.safetensors"
    file.write_bytes(file.read_bytes()[:size])
    with pytest.raises(InputError, match="model.safetensors: not a whole safetensors file"):
        kortf.from_pretrained(tmp_path)


@pytest.mark.parametrize(
    "header",
    [
        (2**60).to_bytes(8, "little"),
        (4).to_bytes(8, "little") + b"junk",
        (2).to_bytes(8, "little") + b"[]",
    ],
)
def test_lying_headers_are_refused(tmp_path, header):
    save_pretrained(tmp_path, build())
    (tmp_path / "model.safetensors").write_bytes(header + bytes(64))
    with pytest.raises(InputError, match="model.safetensors: not a whole safetensors file"):
        kortf.from_pretrained(tmp_path)


def test_weights_in_whole_numbers_are_refused(tmp_path):
    from safetensors.numpy import load_file, save_file

    save_pretrained(tmp_path, build())
    tensors = load_file(tmp_path / "model.safetensors")
    tensors["pooler.dense.bias"] = tensors["pooler.dense.bias"].astype(np.int8)
    save_file(tensors, tmp_path / "model.safetensors")
    with pytest.raises(InputError, match="tensor pooler.dense.bias: holds int8"):
        kortf.from_pretrained(tmp_path)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_weights_are_read(tmp_path, dtype):
    import ml_dtypes
    from safetensors.numpy import load_file, save_file

    encoder = build()
    save_pretrained(tmp_path, encoder)
    half = {"float16": np.float16, "bfloat16": ml_dtypes.bfloat16}[dtype]
    tensors = load_file(tmp_path / "model.safetensors")
    save_file({k: v.astype(half) for k, v in tensors.items()}, tmp_path / "model.safetensors")
    again = kortf.from_pretrained(tmp_path)
    expected = encoder.pooler.kernel.numpy().astype(half).astype(np.float32)
    np.testing.assert_array_equal(again.pooler.kernel.numpy(), expected)


def test_old_spelling_and_prefix_are_read(tmp_path):
    from safetensors.numpy import load_file, save_file

    encoder = build()
    save_pretrained(tmp_path, encoder)
    old = {}
    for name, value in load_file(tmp_path / "model.safetensors").items():
        name = name.replace("LayerNorm.weight", "LayerNorm.gamma")
        old["bert." + name.replace("LayerNorm.bias", "LayerNorm.beta")] = value
    save_file(old, tmp_path / "model.safetensors")
    assert_same_weights(kortf.from_pretrained(tmp_path), encoder)


def test_directories_that_are_none_are_named(tmp_path):
    with pytest.raises(InputError, match="there is no such model directory"):
        kortf.from_pretrained(tmp_path / "absent")
    with pytest.raises(InputError, match="no config.json in it"):
        kortf.from_pretrained(tmp_path)
    save_pretrained(tmp_path / "model", build())
    with pytest.raises(InputError, match=f"did you mean {tmp_path}/model"):
        kortf.from_pretrained(tmp_path)
    (tmp_path / "model" / "model.safetensors").rename(tmp_path / "model" / "tf_model.h5")
    with pytest.raises(InputError, match="tf_model.h5: the weights are in TensorFlow's old"):
        kortf.from_pretrained(tmp_path / "model")
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="is a file, not a directory"):
        save_pretrained(tmp_path / "file", build())


def test_vocabulary_larger_than_the_model_is_refused(tmp_path):
    with pytest.raises(InputError, match="9 pieces where the model has 8 vectors"):
        save_pretrained(tmp_path / "model", build(vocabulary_size=8), vocabulary())
    assert not (tmp_path / "model").exists()
    save_pretrained(tmp_path / "model", build(vocabulary_size=8))
    save_vocabulary(vocabulary(), tmp_path / "model")
    with pytest.raises(InputError, match="vocab.txt: 9 pieces where the model has 8 vectors"):
        kortf.from_pretrained(tmp_path / "model")

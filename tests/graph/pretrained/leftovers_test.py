"""What of a directory is missing or left over is said, and no head is taken for another."""

import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import kortf
from kortf.errors import InputError
from kortf.pretrained.directory.directory import (
    load_encoder,
    load_heads,
    read_config,
    save_pretrained,
)
from kortf.pretrained.formats.tensors import FILE, HEADS_FILE
from tests.harness.pretrained.random_models import MAKERS, assert_same_weights, build, heads_of


def test_crf_stands_beside_the_dense_layer_of_hugging_face(tmp_path, said):
    encoder = build("bert")
    head = heads_of(encoder, "token_classifier")["token_classifier"]
    save_pretrained(tmp_path, encoder, heads={"token_classifier": head})
    assert {"classifier.weight", "classifier.bias"} <= set(load_file(tmp_path / FILE))
    own = load_file(tmp_path / HEADS_FILE)
    crf = {f"token_classifier.crf.{name}" for name in ("transitions", "start", "end")}
    assert set(own) == crf
    other = MAKERS["token_classifier"](encoder)
    assert load_heads({"token_classifier": other}, tmp_path) == []
    assert_same_weights(other, head)
    (tmp_path / HEADS_FILE).unlink()
    other = MAKERS["token_classifier"](encoder)
    untouched = other.crf.transitions.numpy()
    assert set(load_heads({"token_classifier": other}, tmp_path)) == crf
    np.testing.assert_array_equal(other.dense.kernel, head.dense.kernel)
    np.testing.assert_array_equal(other.crf.transitions, untouched)
    assert any("crf.transitions" in line and "missing" in line for line in said)


def test_classifiers_of_texts_and_of_tokens_have_one_name(tmp_path):
    encoder = build("bert")
    save_pretrained(tmp_path, encoder, heads=heads_of(encoder, "classifier"))
    head = MAKERS["plain_token_classifier"](encoder)  # of the same shape
    assert load_heads({"token_classifier": head}, tmp_path) == ["token_classifier"]
    save_pretrained(tmp_path, encoder, heads={"token_classifier": head})
    assert load_heads(heads_of(encoder, "classifier"), tmp_path) == ["classifier"]
    assert load_heads({"token_classifier": head}, tmp_path) == []


def test_classifier_with_a_layer_more_is_not_taken_for_one_without(tmp_path):
    encoder = build("bert")
    save_pretrained(tmp_path, encoder, heads={"classifier": MAKERS["hidden_classifier"](encoder)})
    assert load_heads(heads_of(encoder, "classifier"), tmp_path) == ["classifier"]
    assert load_heads({"classifier": MAKERS["hidden_classifier"](encoder)}, tmp_path) == []


def test_what_is_left_over_is_listed(tmp_path, said):
    encoder = build("bert", pooler=False)
    save_pretrained(tmp_path, encoder, heads=heads_of(encoder, "masked_lm"))
    kortf.from_pretrained(tmp_path)
    (line,) = said
    assert "left over" in line and "cls.predictions.transform.dense.weight" in line
    assert str(tmp_path / FILE) in line
    said.clear()
    load_encoder(encoder, tmp_path, heads_of(encoder, "masked_lm"))
    assert said == []
    load_encoder(build("bert"), tmp_path)
    assert any(
        "missing, initialized at random: pooler.dense.bias, pooler.dense.weight" in line
        for line in said
    )


def test_buffers_and_copies_are_no_weights(tmp_path, said):
    encoder = build("bert")
    save_pretrained(tmp_path, encoder, heads=heads_of(encoder, "masked_lm", "next_sentence"))
    tensors = load_file(tmp_path / FILE)
    tensors["bert.embeddings.position_ids"] = np.arange(7)[None]
    table = tensors["bert.embeddings.word_embeddings.weight"]
    tensors["cls.predictions.decoder.weight"] = table.copy()
    save_file(tensors, tmp_path / FILE)
    heads = heads_of(encoder, "masked_lm", "next_sentence")
    load_encoder(encoder, tmp_path, heads)
    assert load_heads(heads, tmp_path) == [] and said == []
    tensors["cls.predictions.decoder.weight"] = table + 1
    save_file(tensors, tmp_path / FILE)
    with pytest.raises(InputError, match="decoder.weight: is not the same as bert.embeddings.word"):
        load_heads(heads, tmp_path)


def test_encoder_tensors_may_not_be_missing(tmp_path):
    save_pretrained(tmp_path, build("bert"))
    tensors = load_file(tmp_path / FILE)
    del tensors["encoder.layer.3.output.dense.bias"]
    save_file(tensors, tmp_path / FILE)
    with pytest.raises(InputError, match="tensor encoder.layer.3.output.dense.bias: is missing"):
        kortf.from_pretrained(tmp_path)


def test_long_lists_are_cut(tmp_path, said):
    save_pretrained(tmp_path, build("bert"))
    config = read_config(tmp_path) | {"num_hidden_layers": 1}
    (tmp_path / "config.json").write_text(json.dumps(config))
    kortf.from_pretrained(tmp_path)
    assert "and 18 more" in said[0] and len(said) == 1

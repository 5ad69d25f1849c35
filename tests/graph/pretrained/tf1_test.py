"""Google's checkpoints for TensorFlow 1 hold the weights that they were written from."""

import json

import numpy as np
import pytest
import tensorflow as tf
from safetensors.numpy import load_file

import kortf
from kortf.errors import InputError
from kortf.pretrained.directory.directory import (
    load_encoder,
    load_heads,
    read_config,
    save_pretrained,
)
from kortf.pretrained.formats import tf1
from tests.harness.pretrained import tf1_checkpoints
from tests.harness.pretrained.random_models import MAKERS, assert_same_weights, build, heads_of

HEADS = {
    "bert": ("masked_lm", "next_sentence"),
    "albert": ("masked_lm", "sentence_order"),
    "electra": ("replaced_token",),
}
CHECKPOINT = "bert_model.ckpt"


def published(directory, encoder, heads) -> tuple[dict, dict]:
    """Return tensors under Hugging Face's names, and `config.json`, of a model of ours."""
    save_pretrained(directory, encoder, heads=heads)
    config = json.loads((directory / "config.json").read_text())
    return load_file(directory / "model.safetensors"), config


def write(directory, name="bert"):
    """Write a checkpoint in `directory / "google"`; return the encoder, its heads, the path."""
    encoder = build(name, num_layers=2 if name == "albert" else 1)
    heads = heads_of(encoder, *HEADS[name])
    google = directory / "google"
    tf1_checkpoints.write(google, *published(directory / "ours", encoder, heads))
    return encoder, heads, google


def assert_reads(directory, encoder, heads):
    """Every weight of an encoder and of its heads is in a directory."""
    assert_same_weights(kortf.from_pretrained(directory), encoder)
    same = {name: MAKERS[name](encoder) for name in heads}
    assert load_heads(same, directory) == []
    for name, head in heads.items():
        assert_same_weights(same[name], head)


@pytest.mark.parametrize("name", HEADS)
def test_encoder_and_heads_are_read(tmp_path, name):
    encoder, heads, google = write(tmp_path, name)
    assert_reads(google, encoder, heads)


@pytest.mark.parametrize(
    "untied", [False, pytest.param(True, marks=pytest.mark.exhaustive)], ids=["tied", "untied"]
)
def test_a_generator_is_read_beside_its_discriminator(tmp_path, untied):
    big = build("electra", num_layers=1, embedding_dim=8)
    # Heads of a generator have 64 numbers each, whatever its config says.
    small = build("electra", num_layers=1, num_heads=1, intermediate_dim=12, embedding_dim=8)
    if not untied:
        for ours, theirs in zip(small.embedding.weights, big.embedding.weights, strict=True):
            ours.assign(theirs)
    heads = [heads_of(big, "replaced_token"), heads_of(small, "masked_lm")]
    tensors, config = published(tmp_path / "big", big, heads[0])
    generator, _ = published(tmp_path / "small", small, heads[1])
    tf1_checkpoints.write(tmp_path / "google", tensors, config, generator, untied)
    assert_reads(tmp_path / "google", big, heads[0])
    assert_reads(tmp_path / "google_generator", small, heads[1])


def test_a_directory_without_a_generator_is_refused(tmp_path):
    _, _, google = write(tmp_path, "electra")
    with pytest.raises(InputError, match=f"{CHECKPOINT}: no generator in it"):
        kortf.from_pretrained(f"{google}_generator")


def test_broken_checkpoints_are_refused(tmp_path):
    _, _, google = write(tmp_path)
    with pytest.raises(InputError, match="bert_config.json: num_layers is 1 where the model has 2"):
        load_encoder(build("bert", num_layers=2), google)
    data = google / f"{CHECKPOINT}.data-00000-of-00001"
    whole = data.read_bytes()
    data.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=f"{CHECKPOINT}: not a whole checkpoint"):
        kortf.from_pretrained(google)
    data.write_bytes(whole)
    index = google / f"{CHECKPOINT}.index"
    whole = index.read_bytes()
    for size in (0, 10, len(whole) // 2):
        index.write_bytes(whole[:size])
        with pytest.raises(InputError, match=f"{CHECKPOINT}: not a whole checkpoint"):
            kortf.from_pretrained(google)
    index.write_bytes(whole)
    (google / "model.ckpt-7.index").write_bytes(whole)
    with pytest.raises(InputError, match=f"several checkpoints in it: {CHECKPOINT}.index"):
        kortf.from_pretrained(google)


def test_other_checkpoints_are_refused(tmp_path):
    tf.raw_ops.SaveV2(
        prefix=str(tmp_path / "model.ckpt"), tensor_names=["x"], shape_and_slices=[""],
        tensors=[np.zeros(3, np.float32)],
    )  # fmt: skip
    (tmp_path / "bert_config.json").write_text("{}")
    with pytest.raises(InputError, match="no variables of BERT, ALBERT or ELECTRA"):
        read_config(tmp_path)
    (tmp_path / "bert_config.json").write_text("[]")
    with pytest.raises(InputError, match="bert_config.json: not a JSON object"):
        read_config(tmp_path)


def test_names():
    layer = "bert/encoder/layer_0/attention/self/query/kernel"
    assert tf1.translate(layer, "bert") == "bert.encoder.layer.0.attention.self.query.weight"

"""Google's checkpoints for TensorFlow 1 are read, and compute what their tensors say."""

import numpy as np
import pytest

import kortf
from kortf.errors import InputError
from kortf.pretrained.directory import leftovers
from kortf.pretrained.directory.directory import load_encoder, load_heads, read_config
from kortf.pretrained.formats import tf1
from tests.harness.pretrained import tf1_checkpoints
from tests.harness.pretrained.random_models import BATCH, KEPT, MAKERS, assert_same_weights, build
from tests.harness.pretrained.torch_models import assert_close, make, run
from tests.oracle.pretrained.read_test import ALBERT, FACTORISED, SIZES

pytestmark = pytest.mark.oracle

OURS = {"num_layers": 2, "num_heads": 3, "hidden_dim": 12}  # the sizes of SIZES
MODELS = {
    "bert": ("Bert", SIZES, ["masked_lm", "next_sentence"]),
    "albert": ("Albert", ALBERT, ["masked_lm", "sentence_order"]),
    "albert, groups": ("Albert", ALBERT | {"num_hidden_groups": 2}, ["masked_lm"]),
    "electra": ("Electra", FACTORISED, ["replaced_token"]),
}


@pytest.mark.parametrize("case", MODELS)
def test_checkpoint(tmp_path, case, monkeypatch):
    said = []
    monkeypatch.setattr(leftovers.logging, "log", lambda *parts: said.append(parts))
    kind, config, names = MODELS[case]
    model = make(tmp_path / "theirs", kind, "ForPreTraining", **config)
    tf1_checkpoints.write(tmp_path / "google", model)
    encoder = kortf.from_pretrained(tmp_path / "google")
    theirs = run(model, output_hidden_states=True)
    outputs = encoder(BATCH)
    assert_close(outputs["sequence"], theirs.hidden_states[-1], KEPT)
    assert_same_weights(encoder, kortf.from_pretrained(tmp_path / "theirs"))
    heads = {name: MAKERS[name](encoder) for name in names}
    said.clear()
    load_encoder(encoder, tmp_path / "google", heads)
    assert load_heads(heads, tmp_path / "google") == []
    assert said == [] or case == "albert, groups"
    same = {name: MAKERS[name](encoder) for name in names}
    load_heads(same, tmp_path / "theirs")
    for name in names:
        assert_same_weights(heads[name], same[name])


@pytest.mark.parametrize("untied", [False, True], ids=["tied", "untied"])
def test_generator_beside_its_discriminator(tmp_path, untied, monkeypatch):
    said = []
    monkeypatch.setattr(leftovers.logging, "log", lambda *parts: said.append(parts))
    big = make(tmp_path / "theirs", "Electra", "ForPreTraining", **FACTORISED)
    smaller = {"hidden_size": 6, "intermediate_size": 9, "num_hidden_layers": 1,
               "num_attention_heads": 1}  # fmt: skip
    small = make(tmp_path / "generator", "Electra", "ForMaskedLM", **FACTORISED | smaller)
    if not untied:
        small.electra.embeddings = big.electra.embeddings
        small.generator_lm_head.weight = big.electra.embeddings.word_embeddings.weight
    tf1_checkpoints.write(tmp_path / "google", big, small, untied)
    for name, model, head in (("google", big, "replaced_token"),
                              ("google_generator", small, "masked_lm")):  # fmt: skip
        encoder = kortf.from_pretrained(tmp_path / name)
        theirs = run(model, output_hidden_states=True)
        assert_close(encoder(BATCH)["sequence"], theirs.hidden_states[-1], KEPT)
        heads = {head: MAKERS[head](encoder)}
        said.clear()
        load_encoder(encoder, tmp_path / name, heads)
        assert load_heads(heads, tmp_path / name) == [] and said == []
    scores = heads["masked_lm"](encoder(BATCH)["sequence"])
    assert_close(scores, theirs.logits, KEPT)
    with pytest.raises(InputError, match="there is no such model directory"):
        kortf.from_pretrained(tmp_path / "theirs_generator")


def test_no_generator(tmp_path):
    model = make(tmp_path / "theirs", "Electra", "ForPreTraining", **FACTORISED)
    tf1_checkpoints.write(tmp_path / "google", model)
    with pytest.raises(InputError, match="bert_model.ckpt: no generator in it"):
        kortf.from_pretrained(tmp_path / "google_generator")


def test_broken_checkpoints_are_refused(tmp_path):
    model = make(tmp_path / "theirs", "Bert", "ForPreTraining", **SIZES)
    google = tmp_path / "google"
    tf1_checkpoints.write(google, model)
    with pytest.raises(InputError, match="bert_config.json: num_layers is 2 where the model has 1"):
        load_encoder(build("bert", **OURS | {"num_layers": 1}), google)
    with pytest.raises(InputError, match="intermediate_dim is 20 where the model has 24"):
        load_encoder(build("bert", **OURS | {"intermediate_dim": 24}), google)
    data = google / "bert_model.ckpt.data-00000-of-00001"
    whole = data.read_bytes()
    data.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="bert_model.ckpt: not a whole checkpoint"):
        kortf.from_pretrained(google)
    data.write_bytes(whole)
    index = google / "bert_model.ckpt.index"
    whole = index.read_bytes()
    for size in (0, 10, len(whole) // 2):
        index.write_bytes(whole[:size])
        with pytest.raises(InputError, match="bert_model.ckpt: not a whole checkpoint"):
            kortf.from_pretrained(google)
    index.write_bytes(whole)
    (google / "model.ckpt-7.index").write_bytes(whole)
    with pytest.raises(InputError, match="several checkpoints in it: bert_model.ckpt.index"):
        kortf.from_pretrained(google)


def test_other_checkpoints_are_refused(tmp_path):
    import tensorflow as tf

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

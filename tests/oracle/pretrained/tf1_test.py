"""Google's checkpoints for TensorFlow 1 are read, and compute what their tensors say."""

import pytest

import kortf
from kortf.errors import InputError
from kortf.pretrained.directory import leftovers
from kortf.pretrained.directory.directory import load_encoder, load_heads
from tests.harness.pretrained import tf1_checkpoints
from tests.harness.pretrained.random_models import BATCH, KEPT, MAKERS, assert_same_weights
from tests.harness.pretrained.torch_models import assert_close, make, run
from tests.oracle.pretrained.read_test import ALBERT, FACTORISED, SIZES

pytestmark = pytest.mark.oracle

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
    tf1_checkpoints.write(tmp_path / "google", *tf1_checkpoints.of_torch(model))
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
    generator, _ = tf1_checkpoints.of_torch(small)
    tf1_checkpoints.write(tmp_path / "google", *tf1_checkpoints.of_torch(big), generator, untied)
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

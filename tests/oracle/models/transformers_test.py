"""The encoders against transformers: same weights, same vectors, same losses, as many weights."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kortf import models
from kortf.layers import kernels as kernels
from kortf.layers.heads.heads import CausalLMHead, MaskedLMHead, ReplacedTokenHead, gather_positions
from kortf.objectives.next_sentence import NextSentence
from kortf.pretrained.directory.directory import from_pretrained, load_heads
from tests.harness.pretrained.torch_models import assert_close, make, run

pytestmark = pytest.mark.oracle

SIZES = {
    "vocab_size": 53,
    "hidden_size": 36,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "intermediate_size": 50,
    "max_position_embeddings": 19,
    "type_vocab_size": 3,
    "initializer_range": 0.2,  # ten times the usual: every part of the model shows in the result
}
FACTORISED = SIZES | {"embedding_size": 10}
GPT2 = {"vocab_size": 53, "n_embd": 36, "n_layer": 4, "n_head": 4, "n_positions": 19}
GPT2 |= {"initializer_range": 0.2}
MODELS = {
    "bert": ("Bert", SIZES),
    "megatron-bert": ("MegatronBert", SIZES),
    "albert": ("Albert", FACTORISED),
    "albert, two groups": ("Albert", FACTORISED | {"num_hidden_groups": 2}),
    "electra": ("Electra", SIZES | {"embedding_size": 36}),
    "electra, factorised": ("Electra", FACTORISED),
    "gpt2": ("GPT2", GPT2),
}


def batch() -> dict:
    """Three rows of different lengths with segments."""
    rng = np.random.default_rng(5)
    mask = np.arange(17)[None] < np.array([[17], [11], [2]])
    return {
        "token_ids": np.where(mask, rng.integers(1, 53, mask.shape), 0).astype(np.int32),
        "segment_ids": np.where(mask, rng.integers(0, 3, mask.shape), 0).astype(np.int32),
        "padding_mask": mask.astype(np.int32),
    }


@pytest.mark.parametrize("case", MODELS)
@pytest.mark.parametrize("activation", ["gelu", "gelu_new", "relu"])
def test_vectors_equal_transformers(tmp_path, case, activation):
    kind, sizes = MODELS[case]
    key = "activation_function" if kind == "GPT2" else "hidden_act"
    model = make(tmp_path, kind, "Model", **sizes | {key: activation})
    features = batch()
    encoder, theirs = from_pretrained(tmp_path), run(model, features)
    assert encoder.settings["activation"] == {"gelu_new": "gelu_tanh"}.get(activation, activation)
    ours = encoder(features)
    kept = features["padding_mask"].astype(bool)
    assert_close(ours["sequence"], theirs.last_hidden_state, kept)
    if encoder.pooler is not None:
        assert_close(ours["pooled"], theirs.pooler_output)
    elif encoder.causal:
        last = theirs.last_hidden_state[[0, 1, 2], [16, 10, 1]]
        assert_close(ours["pooled"], last)


POSITIONS = np.array([[1, 16], [3, 10], [0, 1]], np.int32)
PAIR = np.array([0, 1, 1], np.int32)


def hidden_tokens(features: dict) -> tuple[np.ndarray, np.ndarray]:
    """The ids at `POSITIONS`, as kortf and as torch takes them."""
    labels = np.take_along_axis(features["token_ids"], POSITIONS, 1)
    everywhere = np.full(features["token_ids"].shape, -100)
    np.put_along_axis(everywhere, POSITIONS, labels, 1)
    return labels.reshape(-1), everywhere


@pytest.mark.parametrize(
    ("kind", "config", "label"),
    [
        ("Bert", SIZES, "next_sentence_label"),
        ("MegatronBert", SIZES, "next_sentence_label"),
        ("Albert", FACTORISED, "sentence_order_label"),
    ],
)
def test_masked_lm_and_pair_losses_equal_transformers(tmp_path, kind, config, label):
    import torch

    model = make(tmp_path, kind, "ForPreTraining", **config)
    features = batch()
    labels, everywhere = hidden_tokens(features)
    more = {"labels": torch.tensor(everywhere).long(), label: torch.tensor(PAIR).long()}
    theirs = run(model, features, **more)

    encoder = from_pretrained(tmp_path)
    masked_lm, pair = MaskedLMHead.over(encoder), NextSentence()
    pair.build(encoder)
    name = "sentence_order" if kind == "Albert" else "next_sentence"
    assert load_heads({"masked_lm": masked_lm, name: pair.heads[0]}, tmp_path) == []
    outputs = encoder(features)
    scores = masked_lm(gather_positions(outputs["sequence"], POSITIONS))
    loss, _ = kernels.cross_entropy(scores, labels)
    pair_loss, _ = kernels.cross_entropy(pair.heads[0](outputs["pooled"]), PAIR)
    total = tf.reduce_mean(loss) + tf.reduce_mean(pair_loss)
    np.testing.assert_allclose(float(total), theirs.loss.item(), rtol=1e-5)


def test_generator_and_discriminator_losses_equal_transformers(tmp_path):
    import torch

    features = batch()
    labels, everywhere = hidden_tokens(features)
    model = make(tmp_path / "generator", "Electra", "ForMaskedLM", **FACTORISED)
    theirs = run(model, features, labels=torch.tensor(everywhere).long())
    encoder = from_pretrained(tmp_path / "generator")
    head = MaskedLMHead.over(encoder)
    assert load_heads({"masked_lm": head}, tmp_path / "generator") == []
    scores = head(gather_positions(encoder(features)["sequence"], POSITIONS))
    loss = tf.reduce_mean(kernels.cross_entropy(scores, labels)[0])
    np.testing.assert_allclose(float(loss), theirs.loss.item(), rtol=1e-5)

    replaced = (features["token_ids"] % 3 == 0).astype(np.int32)
    model = make(tmp_path / "discriminator", "Electra", "ForPreTraining", **FACTORISED)
    theirs = run(model, features, labels=torch.tensor(replaced).long())
    encoder = from_pretrained(tmp_path / "discriminator")
    head = ReplacedTokenHead.over(encoder)
    assert load_heads({"replaced_token": head}, tmp_path / "discriminator") == []
    kept = features["padding_mask"].astype(bool)
    logits = head(encoder(features)["sequence"])
    assert_close(logits, theirs.logits, kept)
    loss = keras.losses.BinaryCrossentropy(from_logits=True)(replaced[kept], logits.numpy()[kept])
    np.testing.assert_allclose(float(loss), theirs.loss.item(), rtol=1e-5)


def test_causal_lm_loss_equals_transformers(tmp_path):
    import torch

    model = make(tmp_path, "GPT2", "LMHeadModel", **GPT2)
    features = batch()
    kept = features["padding_mask"].astype(bool)
    labels = torch.tensor(np.where(kept, features["token_ids"], -100)).long()
    theirs = run(model, features, labels=labels)
    encoder = from_pretrained(tmp_path)
    head = CausalLMHead.over(encoder)
    assert load_heads({"causal_lm": head}, tmp_path) == []
    logits = head(encoder(features)["sequence"]).numpy()
    assert_close(logits, theirs.logits, kept)
    following = kept[:, 1:]
    loss, _ = kernels.cross_entropy(
        logits[:, :-1][following], features["token_ids"][:, 1:][following]
    )
    np.testing.assert_allclose(float(tf.reduce_mean(loss)), theirs.loss.item(), rtol=1e-5)


def count(encoder) -> int:
    return sum(int(np.prod(weight.shape)) for weight in encoder.weights)


def test_as_many_parameters_as_published():
    """BERT base 109.5M, ALBERT base 11.7M, ELECTRA small 13.5M, GPT-2 small 124.4M."""
    assert count(models.build("bert", vocabulary_size=30522)) == 109_482_240
    assert count(models.build("albert", vocabulary_size=30000)) == 11_683_584
    small = {"embedding_dim": 128, "hidden_dim": 256, "num_heads": 4}
    assert count(models.build("electra", vocabulary_size=30522, **small)) == 13_483_008
    assert count(models.build("gpt", vocabulary_size=50257)) == 124_439_808

"""The encoders against transformers: same weights, same vectors, same losses."""

import numpy as np
import pytest
import tensorflow as tf

from kortf import models
from kortf.layers import fused
from kortf.layers.heads import MaskedLMHead, gather_positions
from kortf.objectives.next_sentence import NextSentence
from kortf.pretrained.directory import from_pretrained, load_heads

pytestmark = pytest.mark.oracle

SIZES = {
    "vocab_size": 53,
    "hidden_size": 36,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 50,
    "max_position_embeddings": 19,
    "type_vocab_size": 3,
    "initializer_range": 0.2,  # ten times the usual: every part of the model shows in the result
}


def make(directory, kind: str, head: str, **changes):
    """A random model of transformers, saved."""
    import torch
    import transformers

    torch.manual_seed(3)
    config = getattr(transformers, f"{kind}Config")(**(SIZES | changes))
    model = getattr(transformers, f"{kind}{head}")(config).eval()
    with torch.no_grad():  # norms and biases start as ones and zeros, which would hide a mistake
        for parameter in model.parameters():
            if parameter.dim() == 1:
                parameter.add_(0.2 * torch.randn_like(parameter))
    model.save_pretrained(directory)
    return model


def batch() -> dict:
    """Three rows of different lengths with segments."""
    rng = np.random.default_rng(5)
    mask = np.arange(17)[None] < np.array([[17], [11], [2]])
    return {
        "token_ids": np.where(mask, rng.integers(1, 53, mask.shape), 0).astype(np.int32),
        "segment_ids": np.where(mask, rng.integers(0, 3, mask.shape), 0).astype(np.int32),
        "padding_mask": mask.astype(np.int32),
    }


def run_torch(model, features: dict, **more):
    import torch

    with torch.no_grad():
        return model(
            input_ids=torch.tensor(features["token_ids"]).long(),
            token_type_ids=torch.tensor(features["segment_ids"]).long(),
            attention_mask=torch.tensor(features["padding_mask"]).long(),
            **more,
        )


@pytest.mark.parametrize("kind", ["Bert", "MegatronBert"])
@pytest.mark.parametrize("activation", ["gelu", "gelu_new", "relu"])
def test_vectors_equal_transformers(tmp_path, kind, activation):
    model = make(tmp_path, kind, "Model", hidden_act=activation)
    features = batch()
    ours, theirs = from_pretrained(tmp_path)(features), run_torch(model, features)
    kept = features["padding_mask"].astype(bool)
    sequence = theirs.last_hidden_state.numpy()
    np.testing.assert_allclose(ours["sequence"].numpy()[kept], sequence[kept], atol=1e-5)
    np.testing.assert_allclose(ours["pooled"].numpy(), theirs.pooler_output.numpy(), atol=1e-5)


@pytest.mark.parametrize("kind", ["Bert", "MegatronBert"])
def test_pretraining_losses_equal_transformers(tmp_path, kind):
    import torch

    model = make(tmp_path, kind, "ForPreTraining")
    features = batch()
    positions = np.array([[1, 16], [3, 10], [0, 1]], np.int32)
    labels = np.take_along_axis(features["token_ids"], positions, 1)
    torch_labels = np.full(features["token_ids"].shape, -100)
    np.put_along_axis(torch_labels, positions, labels, 1)
    pair = np.array([0, 1, 1], np.int32)
    theirs = run_torch(
        model,
        features,
        labels=torch.tensor(torch_labels).long(),
        next_sentence_label=torch.tensor(pair).long(),
    )

    encoder = from_pretrained(tmp_path)
    masked_lm = MaskedLMHead(encoder.token_embedding, activation="gelu")
    masked_lm.build((None, encoder.hidden_dim))
    next_sentence = NextSentence()
    next_sentence.build(encoder)
    heads = {"masked_lm": masked_lm, "next_sentence": next_sentence.heads[0]}
    assert load_heads(heads, tmp_path) == []
    outputs = encoder(features)
    logits = next_sentence.heads[0](outputs["pooled"])
    np.testing.assert_allclose(
        logits.numpy(), theirs.seq_relationship_logits.numpy(), rtol=1e-5, atol=1e-5
    )
    scores = masked_lm(gather_positions(outputs["sequence"], positions))
    loss, _ = fused.cross_entropy(scores, labels.reshape(-1))
    pair_loss, _ = fused.cross_entropy(logits, pair)
    total = tf.reduce_mean(loss) + tf.reduce_mean(pair_loss)
    np.testing.assert_allclose(float(total), theirs.loss.item(), rtol=1e-5)


def test_bert_base_has_as_many_parameters_as_published():
    encoder = models.build("bert", vocabulary_size=30522)
    assert sum(int(np.prod(weight.shape)) for weight in encoder.weights) == 109_482_240

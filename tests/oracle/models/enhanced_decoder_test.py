"""The enhanced mask decoder against the layers of transformers, run as the published code does."""

import numpy as np
import pytest
import tensorflow as tf

import kortf
from kortf import objectives
from kortf.layers.heads.decoder_positions import DecoderPositions
from kortf.pretrained.directory.directory import load_heads
from tests.harness.pretrained import torch_models
from tests.harness.pretrained.random_models import BATCH, KEPT
from tests.harness.pretrained.torch_models import assert_close

pytestmark = pytest.mark.oracle
torch = pytest.importorskip("torch")

DEBERTA = {
    "vocab_size": 13, "hidden_size": 16, "intermediate_size": 20, "num_attention_heads": 4,
    "max_position_embeddings": 64, "initializer_range": 0.3, "pad_token_id": 0,
    "relative_attention": True, "norm_rel_ebd": "layer_norm", "pos_att_type": "p2c|c2p",
    "position_biased_input": False, "type_vocab_size": 0, "position_buckets": 6,
}  # fmt: skip


def decoded(model, positions):
    """Two steps of the last layer over its own input; queries start with absolute positions."""
    ids, mask = (torch.tensor(BATCH[name]).long() for name in ("token_ids", "padding_mask"))
    with torch.no_grad():
        states = model(ids, attention_mask=mask, output_hidden_states=True).hidden_states
        vectors = model.encoder.get_rel_embedding()
        attended = model.encoder.get_attention_mask(mask)
        relative = model.encoder.get_rel_pos(states[0])
        before = states[-2]
        queries = before + torch.tensor(positions)[None, : ids.shape[1]]
        for _ in range(2):
            queries = model.encoder.layer[-1](
                before, attended, query_states=queries, relative_pos=relative,
                rel_embeddings=vectors,
            )  # fmt: skip
            queries = queries[0] if isinstance(queries, tuple) else queries
    return queries


@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("shared", [True, False])
def test_the_decoder_equals_the_layers_of_transformers(tmp_path, layers, shared):
    sizes = DEBERTA | {"num_hidden_layers": layers, "share_att_key": shared}
    model = torch_models.make(tmp_path, "DebertaV2", "ForMaskedLM", **sizes)
    encoder = kortf.from_pretrained(str(tmp_path))
    table = DecoderPositions.over(encoder)
    table.embeddings.assign(np.random.default_rng(0).normal(size=(64, 16)))
    outputs = encoder(table.added(BATCH))
    expected = decoded(model.deberta, table.embeddings.numpy())
    assert_close(outputs["decoded"], expected, KEPT)
    # What fine-tuning reads is the last layer alone.
    np.testing.assert_array_equal(outputs["sequence"], encoder(BATCH)["sequence"])


def test_the_loss_equals_cross_entropy_over_the_decoder_and_the_published_head(tmp_path):
    model = torch_models.make(
        tmp_path, "DebertaV2", "ForMaskedLM", **DEBERTA | {"num_hidden_layers": 2}
    )
    encoder = kortf.from_pretrained(str(tmp_path))
    objective = objectives.build("masked_lm", enhanced_decoder=True)
    objective.build(encoder)
    table, head = objective.extras
    table.embeddings.assign(np.random.default_rng(1).normal(size=(64, 16)))
    load_heads({"masked_lm": head}, str(tmp_path))
    positions = np.array([[1, 2]] * len(BATCH["token_ids"]), np.int32)
    targets = np.arange(positions.size).reshape(positions.shape) % 13
    features = BATCH | {
        "mask_positions": tf.constant(positions), "mask_ids": tf.constant(targets, tf.int32),
        "mask_weights": tf.ones(positions.shape), "mask_candidates": tf.fill([len(positions)], 4),
    }  # fmt: skip
    features, _ = objective.prepare(features, None)
    found = objective.score(encoder(features), features, None).losses["masked_lm"]
    states = decoded(model.deberta, table.embeddings.numpy())
    with torch.no_grad():
        logits = model.cls(states)[:, [1, 2]]
    expected = torch.nn.functional.cross_entropy(
        logits.reshape(-1, 13), torch.tensor(targets).reshape(-1).long(), reduction="sum"
    )
    np.testing.assert_allclose(found, expected, rtol=1e-5)

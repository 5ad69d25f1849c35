"""Hugging Face's `reformer`: what either side writes, the other reads, and computes the same."""

import json

import numpy as np
import pytest
import tensorflow as tf

import kortf
from kortf.errors import InputError
from kortf.layers import lsh
from kortf.layers.lsh import kernels
from kortf.layers.lsh.self_attention import LSHSelfAttention
from kortf.pretrained.directory.directory import load_heads, read_config, save_pretrained
from kortf.pretrained.directory.inference import load_causal_lm
from tests.harness.layers.lsh_transformers import (
    CHUNKS,
    HEAD_DIM,
    HEADS,
    LENGTH,
    SEED,
    SIZE,
    end_at_the_edges,
)
from tests.harness.pretrained.random_models import BATCH, KEPT, MAKERS, build, heads_of
from tests.harness.pretrained.torch_models import assert_close, load, make, run

pytestmark = pytest.mark.oracle

NAMES = ("reformer", "causal_reformer")
SAYABLE = {
    "streams": "concatenated", "attention_bias": False, "num_segments": 0, "pooler": False,
}  # fmt: skip
THEIRS = {
    "vocab_size": 13, "hidden_size": 8, "num_attention_heads": 2, "attention_head_size": 4,
    "feed_forward_size": 20, "attn_layers": ["lsh", "lsh"], "max_position_embeddings": 12,
    "axial_pos_shape": [3, 4], "axial_pos_embds_dim": [4, 4], "lsh_attn_chunk_length": 12,
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"positions": "learned", "activation": "relu", "norm_epsilon": 0.1},
        {"axial_rows": 2, "axial_columns": 5, "activation": "gelu_tanh", "look_ahead": False},
        {"bucket_size": 3, "num_hashes": 2, "full_attention_length": 7},
    ],
)
def test_what_kortf_writes(tmp_path, name, changes):
    encoder = build(name, **SAYABLE | changes)
    head = "causal_lm" if encoder.causal else "masked_lm"
    save_pretrained(tmp_path, encoder, heads=heads_of(encoder, head))
    model = load("AutoModel", tmp_path)
    assert type(model).__name__ == "ReformerModel" == model.config.architectures[0]
    assert_close(encoder(BATCH)["sequence"], run(model).last_hidden_state, KEPT)


def test_head_of_answers(tmp_path):
    encoder = build("reformer", **SAYABLE)
    heads = heads_of(encoder, "span_classifier")
    save_pretrained(tmp_path, encoder, heads=heads)
    model = load("AutoModelForQuestionAnswering", tmp_path)
    assert type(model).__name__ == "ReformerForQuestionAnswering" == model.config.architectures[0]
    ends, theirs = heads["span_classifier"].ends(encoder(BATCH)["sequence"]), run(model)
    assert_close(ends[..., 0], theirs.start_logits, KEPT)
    assert_close(ends[..., 1], theirs.end_logits, KEPT)
    again = heads_of(encoder, "span_classifier")
    assert load_heads(again, tmp_path) == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "changes",
    [
        {"streams": "mean"},
        {"attention_bias": True},
        {"pooler": True},
        {"num_segments": 2},
        {"num_groups": 1},
        {"feed_forward": "glu"},
        {"positions": "rotary"},
        {"embedding_dim": 6},
        {"num_local_heads": 1, "bucket_size": 7},
        {"bucket_size": 2, "full_attention_length": 6},
    ],
)
def test_what_the_class_computes_otherwise_is_not_written_for_it(tmp_path, name, changes):
    save_pretrained(tmp_path, build(name, **SAYABLE | changes))
    assert read_config(tmp_path)["model_type"] == "kortf"


@pytest.mark.parametrize(
    "head, config",
    [
        ("Model", {}),
        ("Model", {"is_decoder": True, "hidden_act": "gelu", "lsh_num_chunks_after": 0}),
        ("Model", {"axial_pos_embds": False, "lsh_num_chunks_after": 1, "num_hashes": 2}),
    ],
)
def test_tensors_are_the_same_bytes_after_both_ways(tmp_path, head, config):
    import transformers
    from safetensors.numpy import load_file

    model = make(tmp_path / "theirs", "Reformer", head, **THEIRS | config)
    encoder = kortf.from_pretrained(tmp_path / "theirs")
    assert_close(encoder(BATCH)["sequence"], run(model).last_hidden_state, KEPT)
    save_pretrained(tmp_path / "ours", encoder)
    before = load_file(tmp_path / "theirs" / "model.safetensors")
    after = load_file(tmp_path / "ours" / "model.safetensors")
    assert before.keys() == after.keys()
    for name, tensor in before.items():
        assert tensor.tobytes() == after[name].tobytes(), name
    written, read = (
        transformers.AutoConfig.from_pretrained(tmp_path / side).to_dict()
        for side in ("ours", "theirs")
    )
    different = {key for key in read if read[key] != written.get(key)}
    unused = {"bos_token_id", "eos_token_id", "_name_or_path", "transformers_version", "dtype"}
    if not read["axial_pos_embds"]:
        unused |= {"axial_pos_shape", "axial_pos_embds_dim"}
    assert different <= unused


@pytest.mark.parametrize(
    "head, config",
    [("ForMaskedLM", {}), ("ModelWithLMHead", {"is_decoder": True})],
)
def test_models_with_a_head_are_read_without_it(tmp_path, head, config):
    model = make(tmp_path, "Reformer", head, **THEIRS | config)
    encoder = kortf.from_pretrained(tmp_path)
    assert_close(encoder(BATCH)["sequence"], run(model.reformer).last_hidden_state, KEPT)
    name = "causal_lm" if encoder.causal else "masked_lm"
    with pytest.raises(InputError, match=f"False, where {name} scores the vocabulary by the token"):
        load_heads({name: MAKERS[name](encoder)}, tmp_path)


def test_without_its_head_a_model_writes_nothing(tmp_path):
    encoder = build("causal_reformer", **SAYABLE)
    save_pretrained(tmp_path / "whole", encoder, heads=heads_of(encoder, "causal_lm"))
    load_causal_lm(tmp_path / "whole")
    save_pretrained(tmp_path / "alone", encoder)
    with pytest.raises(InputError, match="no vocabulary head of ours in it"):
        load_causal_lm(tmp_path / "alone")


@pytest.mark.parametrize("causal, ahead", [(True, 0), (False, 0), (False, 1)])
def test_hashed_rows_are_the_same_where_its_deviations_are_taken_out(
    tmp_path, causal, ahead, monkeypatch
):
    rounds = 2
    sizes = {
        "hidden_size": HEADS * HEAD_DIM, "num_attention_heads": HEADS, "num_hashes": rounds,
        "attention_head_size": HEAD_DIM, "axial_pos_embds_dim": [HEADS * HEAD_DIM // 2] * 2,
        "axial_pos_shape": [4, LENGTH // 4], "max_position_embeddings": LENGTH,
        "lsh_attn_chunk_length": SIZE, "lsh_num_chunks_after": ahead, "num_buckets": CHUNKS,
        "hash_seed": SEED, "is_decoder": causal, "initializer_range": 0.3,
    }  # fmt: skip
    import torch

    model = make(tmp_path, "Reformer", "Model", **THEIRS | sizes).double()
    encoder = kortf.from_pretrained(tmp_path)
    assert encoder.full_attention_length == SIZE  # which is what its class does, too

    def rotations(*_):
        torch.manual_seed(SEED)
        shape = (HEADS, HEAD_DIM, rounds, CHUNKS // 2)
        return tf.constant(torch.randn(shape, dtype=torch.float64).numpy()[None])

    def reach(layer):
        return lsh.Reach(layer.bucket_size, layer.causal, False, layer.look_ahead)

    monkeypatch.setattr(lsh, "random_rotations", rotations)
    monkeypatch.setattr(LSHSelfAttention, "_reach", reach)
    monkeypatch.setattr(kernels, "times_seen", lambda *_: 1.0)
    ids = np.random.default_rng(0).integers(5, 13, (2, LENGTH)).astype(np.int32)
    ours = encoder({"token_ids": ids, "padding_mask": np.ones_like(ids)})["sequence"]
    with torch.no_grad():
        inputs = {"input_ids": torch.tensor(ids).long()}
        assert np.abs(ours - model(**inputs).last_hidden_state.numpy()).max() > 1e-2  # the edges
        for layer in model.encoder.layers:
            end_at_the_edges(layer.attention.self_attention, rounds, monkeypatch)
        theirs = model(**inputs).last_hidden_state.numpy()
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"attn_layers": ["local", "lsh"]}, "kortf has no layers but those of 'lsh'"),
        ({"attn_layers": None}, "attn_layers: is missing"),
        ({"lsh_num_chunks_before": 2}, "lsh_num_chunks_before: 2 is not supported"),
        ({"lsh_num_chunks_after": 3}, "lsh_num_chunks_after: 3 is not supported"),
        ({"attention_head_size": 3}, "attention_head_size: 2 heads of 3 where hidden_size is 8"),
        ({"axial_pos_embds_dim": [2, 6]}, "kortf has a half of hidden_size for each axis"),
        ({"axial_pos_shape": [12]}, "axial_pos_shape: [12] where two numbers are expected"),
        ({"axial_pos_shape": [3, 3]}, "axial_rows=3 times axial_columns=3 are 9 positions where"),
        ({"lsh_attn_chunk_length": "4"}, "setting bucket_size: cannot be '4'"),
        ({"hidden_act": "silu"}, "hidden_act: 'silu' is not supported"),
        ({"attn_layers": ["lsh"] * 3}, "encoder.layers.2.attention"),
    ],
)
def test_what_kortf_does_not_compute_is_refused(tmp_path, changes, words):
    make(tmp_path, "Reformer", "Model", **THEIRS)
    config = json.loads((tmp_path / "config.json").read_text()) | changes
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(InputError) as caught:
        kortf.from_pretrained(tmp_path)
    assert words in str(caught.value)

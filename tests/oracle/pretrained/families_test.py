"""ModernBERT, DeBERTa, DistilBERT, XLM-RoBERTa and BigBird equal transformers, in and out."""

import numpy as np
import pytest

import kortf
from kortf.pretrained.directory.directory import save_pretrained
from tests.harness.pretrained import random_models, torch_models
from tests.harness.pretrained.random_models import BATCH, KEPT, build, scatter
from tests.harness.pretrained.torch_models import assert_close, load

torch = pytest.importorskip("torch")

SIZES = {
    "vocab_size": 13, "hidden_size": 16, "intermediate_size": 20, "num_hidden_layers": 4,
    "num_attention_heads": 4, "max_position_embeddings": 64, "initializer_range": 0.3,
    "pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3, "cls_token_id": 2, "sep_token_id": 3,
}  # fmt: skip
DEBERTA_V3 = {
    "relative_attention": True, "position_buckets": 6, "norm_rel_ebd": "layer_norm",
    "share_att_key": True, "pos_att_type": "p2c|c2p", "position_biased_input": False,
    "type_vocab_size": 0,
}  # fmt: skip
DEBERTA_OWN = DEBERTA_V3 | {
    "share_att_key": False, "position_biased_input": True, "type_vocab_size": 2,
    "norm_rel_ebd": "none", "position_buckets": -1,
}  # fmt: skip
DISTIL = {
    "vocab_size": 13, "dim": 16, "hidden_dim": 20, "n_layers": 2, "n_heads": 4,
    "max_position_embeddings": 16, "initializer_range": 0.3,
}  # fmt: skip
# Class in transformers, settings, whether it takes segments.
PUBLISHED = {
    "modernbert": ("ModernBert", SIZES | {"local_attention": 4}, False),
    "modernbert, one global layer": (
        "ModernBert", SIZES | {"local_attention": 2, "global_attn_every_n_layers": 9}, False,
    ),
    "deberta v3": ("DebertaV2", SIZES | DEBERTA_V3, False),
    "deberta, own position products": ("DebertaV2", SIZES | DEBERTA_OWN, True),
    "distilbert": ("DistilBert", DISTIL, False),
    "big_bird": (
        "BigBird", SIZES | {"attention_type": "block_sparse", "block_size": 2}, True,
    ),
}  # fmt: skip


def run(model, segments: bool, batch=BATCH):
    inputs = {"input_ids": "token_ids", "attention_mask": "padding_mask"}
    inputs |= {"token_type_ids": "segment_ids"} if segments else {}
    with torch.no_grad():
        return model(**{key: torch.tensor(batch[ours]).long() for key, ours in inputs.items()})


@pytest.mark.parametrize("case", PUBLISHED)
def test_a_published_encoder_is_read_and_written(tmp_path, case):
    kind, settings, segments = PUBLISHED[case]
    model = torch_models.make(tmp_path / "theirs", kind, "Model", **settings)
    encoder = kortf.from_pretrained(str(tmp_path / "theirs"))
    found = encoder(BATCH)["sequence"]
    assert_close(found, run(model, segments).last_hidden_state, KEPT)
    save_pretrained(tmp_path / "ours", encoder)
    again = load("AutoModel", tmp_path / "ours")
    assert_close(found, run(again, segments).last_hidden_state, KEPT)


def test_xlm_roberta_is_roberta(tmp_path):
    settings = SIZES | {"type_vocab_size": 1, "pad_token_id": 1}
    model = torch_models.make(tmp_path, "XLMRoberta", "Model", **settings)
    ids = np.where(KEPT, BATCH["token_ids"], 1).astype(np.int32)
    batch = BATCH | {"token_ids": ids, "segment_ids": np.zeros_like(ids)}
    found = kortf.from_pretrained(str(tmp_path))(batch)["sequence"]
    assert_close(found, run(model, False, batch).last_hidden_state, KEPT)


@pytest.mark.parametrize("length", [64, 1024, 3000])
def test_long_rows_of_modernbert(tmp_path, length):
    settings = SIZES | {"local_attention": 16, "max_position_embeddings": 8192}
    model = torch_models.make(tmp_path, "ModernBert", "Model", **settings)
    ids = np.random.default_rng(0).integers(4, 13, (2, length)).astype(np.int32)
    mask = np.ones_like(ids)
    mask[1, length * 2 // 3 :] = 0
    batch = {"token_ids": ids, "padding_mask": mask}
    found = kortf.from_pretrained(str(tmp_path))(batch)["sequence"]
    theirs = run(model, False, batch).last_hidden_state
    np.testing.assert_allclose(found[mask > 0], theirs.numpy()[mask > 0], atol=2e-5)


# Encoder, its settings, head, setting of the head, class to load with.
HEADS = [
    ("modernbert", {"window": 4}, "masked_lm", {}, "AutoModelForMaskedLM"),
    ("modernbert", {"window": 4}, "classifier", {"hidden": "gelu_norm"}, "Sequence"),
    ("deberta", {"position_buckets": 4}, "masked_lm", {}, "AutoModelForMaskedLM"),
    ("deberta", {"position_buckets": 4}, "classifier", {"hidden": "gelu"}, "Sequence"),
    ("bert", {"num_segments": 0, "pooler": False}, "masked_lm", {}, "AutoModelForMaskedLM"),
    ("bert", {"num_segments": 0, "pooler": False}, "classifier", {"hidden": "relu"}, "Sequence"),
]


@pytest.mark.parametrize("name, settings, head, how, loader", HEADS)
def test_a_head_is_written(tmp_path, name, settings, head, how, loader):
    encoder = build(name, **settings)
    if head == "masked_lm":
        layer, extra = scatter(random_models.MAKERS[head](encoder)), None
        sequence = np.reshape(encoder(BATCH)["sequence"], (-1, encoder.hidden_dim))
        found, kept = np.reshape(layer(sequence), (*KEPT.shape, -1)), KEPT
    else:
        layer, loader = scatter(random_models.classifier(encoder, **how)), f"AutoModelFor{loader}"
        loader += "Classification"
        names = {str(i): f"class {i}" for i in range(3)}
        extra = {"id2label": names, "label2id": {name: int(i) for i, name in names.items()}}
        found, kept = layer(encoder(BATCH), BATCH["padding_mask"]), None
    save_pretrained(tmp_path, encoder, None, {head: layer}, extra)
    assert_close(found, run(load(loader, tmp_path), False).logits, kept)

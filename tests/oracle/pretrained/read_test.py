"""What transformers writes, kortf reads, and writes again byte by byte."""

import json

import numpy as np
import pytest

import kortf
from kortf.errors import InputError
from kortf.pretrained.directory.directory import load_heads, save_pretrained
from tests.harness.pretrained.random_models import MAKERS
from tests.harness.pretrained.torch_models import make

pytestmark = pytest.mark.oracle

SIZES = {
    "vocab_size": 13,
    "hidden_size": 12,
    "num_hidden_layers": 2,
    "num_attention_heads": 3,
    "intermediate_size": 20,
    "max_position_embeddings": 7,
}
GPT2 = {"vocab_size": 13, "n_embd": 12, "n_layer": 2, "n_head": 3, "n_positions": 7}
GPT2 |= {"bos_token_id": None, "eos_token_id": None}
FACTORISED = SIZES | {"embedding_size": 5}
ALBERT = FACTORISED | {"bos_token_id": None, "eos_token_id": None}
ROBERTA = SIZES | {"max_position_embeddings": 9, "type_vocab_size": 1, "layer_norm_eps": 1e-5}
# What no vocabulary has said.
SPECIAL = {"bos_token_id", "eos_token_id"}
# Makers of heads with settings, and what the heads are called.
HEADS = {"plain_token_classifier": "token_classifier", "hidden_classifier": "classifier"}
HEADS |= {"tanh_classifier": "classifier"}
# Kind and head of transformers, its config, our heads.
MODELS = [
    ("Bert", "ForPreTraining", SIZES, ["masked_lm", "next_sentence"]),
    ("Bert", "ForMaskedLM", SIZES, ["masked_lm"]),
    ("Bert", "Model", SIZES, []),
    ("MegatronBert", "ForPreTraining", SIZES, ["masked_lm", "next_sentence"]),
    ("Albert", "ForPreTraining", ALBERT, ["masked_lm", "sentence_order"]),
    ("Albert", "ForMaskedLM", ALBERT | {"num_hidden_groups": 2}, ["masked_lm"]),
    ("Electra", "ForPreTraining", FACTORISED, ["replaced_token"]),
    ("Electra", "ForPreTraining", SIZES | {"embedding_size": 12}, ["replaced_token"]),
    ("Electra", "ForMaskedLM", FACTORISED, ["masked_lm"]),
    ("GPT2", "LMHeadModel", GPT2, ["causal_lm"]),
    ("GPT2", "LMHeadModel", GPT2 | {"n_inner": 20}, ["causal_lm"]),
    ("GPT2", "Model", GPT2, []),
    *(
        (kind, f"For{head}", config | labels, [name])
        for kind, config in (
            ("Bert", SIZES), ("MegatronBert", SIZES), ("Albert", ALBERT), ("Electra", FACTORISED),
            ("GPT2", GPT2), ("Roberta", ROBERTA),
        )
        for head, labels, name in (
            ("TokenClassification", {"num_labels": 3}, "plain_token_classifier"),
            ("QuestionAnswering", {}, "span_classifier"),
        )
    ),
    ("Bert", "ForSequenceClassification", SIZES | {"num_labels": 3}, ["classifier"]),
    ("Albert", "ForSequenceClassification", ALBERT | {"num_labels": 3}, ["classifier"]),
    ("Electra", "ForSequenceClassification", FACTORISED | {"num_labels": 3},
     ["hidden_classifier"]),
    ("Roberta", "Model", ROBERTA, []),
    ("Roberta", "ForMaskedLM", ROBERTA, ["masked_lm"]),
    ("Roberta", "ForMaskedLM", ROBERTA | {"pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3},
     ["masked_lm"]),
    ("Roberta", "ForSequenceClassification", ROBERTA | {"num_labels": 3}, ["tanh_classifier"]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "head", "config", "names"), MODELS)
def test_tensors_are_the_same_bytes_after_both_ways(tmp_path, kind, head, config, names):
    import transformers
    from safetensors.numpy import load_file

    make(tmp_path / "theirs", kind, head, **config)
    encoder = kortf.from_pretrained(tmp_path / "theirs")
    ours = {HEADS.get(name, name): MAKERS[name](encoder) for name in names}
    new = load_heads(ours, tmp_path / "theirs")
    assert set(new) <= {"span_classifier.trims.kernel", "span_classifier.trims.bias"}
    save_pretrained(tmp_path / "ours", encoder, heads=ours)
    before = load_file(tmp_path / "theirs" / "model.safetensors")
    after = load_file(tmp_path / "ours" / "model.safetensors")
    assert before.keys() == after.keys()
    for name, tensor in before.items():
        assert tensor.dtype == after[name].dtype and tensor.tobytes() == after[name].tobytes(), name
    written = transformers.AutoConfig.from_pretrained(tmp_path / "ours").to_dict()
    read = transformers.AutoConfig.from_pretrained(tmp_path / "theirs").to_dict()
    different = {key for key in read if read[key] != written.get(key)}
    assert (
        different <= {"transformers_version", "_name_or_path", "pad_token_id", "n_inner"} | SPECIAL
    )


@pytest.mark.parametrize(
    ("kind", "head", "name"), [("Electra", "ForPreTraining", "electra"), ("GPT2", "Model", "gpt")]
)
def test_half_precision(tmp_path, kind, head, name):
    import torch

    model = make(tmp_path / "whole", kind, head, **(GPT2 if kind == "GPT2" else FACTORISED))
    model.to(torch.bfloat16).save_pretrained(tmp_path / "half")
    whole = kortf.from_pretrained(tmp_path / "whole")
    half = kortf.from_pretrained(tmp_path / "half")
    for a, b in zip(whole.weights, half.weights, strict=True):
        rounded = torch.tensor(a.numpy()).to(torch.bfloat16).float().numpy()
        np.testing.assert_array_equal(rounded, b.numpy())
    assert half.settings == whole.settings


@pytest.mark.parametrize(
    ("kind", "changes", "words"),
    [
        ("Albert", {"inner_group_num": 2}, "inner_group_num: 2 is not supported"),
        ("Albert", {"num_hidden_groups": 4}, "4 does not divide num_hidden_layers 2"),
        ("GPT2", {"scale_attn_weights": False}, "scale_attn_weights: False is not supported"),
        (
            "GPT2",
            {"scale_attn_by_inverse_layer_idx": True},
            "scale_attn_by_inverse_layer_idx: True",
        ),
        ("GPT2", {"n_head": 5}, "n_head: 5 does not divide n_embd 12"),
        ("GPT2", {"n_embd": 15}, "intermediate_dim: 60 where the longest axis"),
        ("GPT2", {"n_embd": None}, "n_embd: is missing"),
        ("GPT2", {"n_inner": 24}, "mlp.c_fc.weight: has the shape [12, 48] where the model has"),
        ("Electra", {"embedding_size": 6}, "word_embeddings.weight: has the shape [13, 5]"),
        ("Electra", {"is_decoder": True}, "is_decoder: True is not supported"),
        ("Electra", {"kortf": {"position_init": 7}}, "setting position_init: cannot be 7"),
        ("Electra", {"kortf": {"position_init": "odd"}}, "position_init='odd': choose one of"),
    ],
)
def test_what_kortf_does_not_compute_is_refused(tmp_path, kind, changes, words):
    sizes = {"Albert": ALBERT, "Electra": FACTORISED, "GPT2": GPT2}[kind]
    make(tmp_path, kind, "Model", **sizes)
    config = json.loads((tmp_path / "config.json").read_text()) | changes
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(InputError) as caught:
        kortf.from_pretrained(tmp_path)
    assert words in str(caught.value)


def test_vocabulary_head_with_a_table_of_its_own_is_refused(tmp_path):
    make(tmp_path, "GPT2", "LMHeadModel", **GPT2, tie_word_embeddings=False)
    encoder = kortf.from_pretrained(tmp_path)
    with pytest.raises(InputError, match="tie_word_embeddings: False, where causal_lm scores"):
        load_heads({"causal_lm": MAKERS["causal_lm"](encoder)}, tmp_path)


def test_generator_with_another_activation_than_its_head_s(tmp_path):
    """The head of this class computes GELU whatever `hidden_act` says."""
    make(tmp_path, "Electra", "ForMaskedLM", **FACTORISED, hidden_act="relu")
    encoder = kortf.from_pretrained(tmp_path)
    head = MAKERS["masked_lm"](encoder)
    assert head.activation == "relu"
    assert load_heads({"masked_lm": head}, tmp_path) == ["masked_lm"]
    head.activation = "gelu"
    assert load_heads({"masked_lm": head}, tmp_path) == []

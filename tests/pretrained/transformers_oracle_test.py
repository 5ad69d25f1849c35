"""What kortf writes, transformers loads, and the other way round."""

import numpy as np
import pytest

import kortf
from kortf import models
from kortf.layers.classifier import Classifier
from kortf.layers.heads import MaskedLMHead
from kortf.objectives.next_sentence import NextSentence
from kortf.pretrained.directory import load_heads, save_pretrained
from kortf.text.vocabulary import Vocabulary

pytestmark = pytest.mark.oracle

FEATURES = {
    "token_ids": np.array([[2, 5, 6, 7, 3], [2, 7, 3, 0, 0]], np.int32),
    "segment_ids": np.array([[0, 0, 1, 1, 1], [0, 1, 1, 0, 0]], np.int32),
    "padding_mask": np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]], np.int32),
}


def build(norm: str):
    encoder = models.build(
        "bert",
        vocabulary_size=13,
        num_layers=2,
        num_heads=3,
        hidden_dim=12,
        intermediate_dim=20,
        max_length=7,
        norm=norm,
        init_scale=0.2,
    )
    scatter(encoder)
    return encoder


def scatter(layer):
    rng = np.random.default_rng(len(layer.weights))
    for variable in layer.weights:
        variable.assign(variable.numpy() + rng.normal(scale=0.2, size=variable.shape))


def heads(encoder) -> dict:
    masked_lm = MaskedLMHead(encoder.token_embedding)
    masked_lm.build((None, encoder.hidden_dim))
    next_sentence = NextSentence()
    next_sentence.build(encoder)
    scatter(masked_lm)
    scatter(next_sentence.heads[0])
    return {"masked_lm": masked_lm, "next_sentence": next_sentence.heads[0]}


def load(name: str, directory):
    """The model by transformers; every weight of it must have come from the directory."""
    import transformers

    model, info = getattr(transformers, name).from_pretrained(directory, output_loading_info=True)
    assert not info["missing_keys"] and not info["mismatched_keys"], info
    return model.eval(), info


def run_torch(model):
    import torch

    with torch.no_grad():
        return model(
            input_ids=torch.tensor(FEATURES["token_ids"]).long(),
            token_type_ids=torch.tensor(FEATURES["segment_ids"]).long(),
            attention_mask=torch.tensor(FEATURES["padding_mask"]).long(),
        )


def assert_same_vectors(encoder, model):
    ours, theirs = encoder(FEATURES), run_torch(model)
    kept = FEATURES["padding_mask"].astype(bool)
    np.testing.assert_allclose(
        ours["sequence"].numpy()[kept], theirs.last_hidden_state.numpy()[kept], atol=1e-5
    )
    np.testing.assert_allclose(ours["pooled"].numpy(), theirs.pooler_output.numpy(), atol=1e-5)


@pytest.mark.parametrize("norm", ["post", "pre"])
def test_transformers_loads_the_encoder(tmp_path, norm):
    encoder = build(norm)
    save_pretrained(tmp_path, encoder)
    model, info = load("AutoModel", tmp_path)
    assert not info["unexpected_keys"]
    assert type(model).__name__ == {"post": "BertModel", "pre": "MegatronBertModel"}[norm]
    assert_same_vectors(encoder, model)


@pytest.mark.parametrize("norm", ["post", "pre"])
def test_transformers_loads_the_pretraining_heads(tmp_path, norm):
    encoder = build(norm)
    ours = heads(encoder)
    save_pretrained(tmp_path, encoder, heads=ours)
    model, info = load("AutoModelForPreTraining", tmp_path)
    assert not info["unexpected_keys"]
    outputs, theirs = encoder(FEATURES), run_torch(model)
    kept = FEATURES["padding_mask"].astype(bool)
    scores = ours["masked_lm"](outputs["sequence"]).numpy()
    np.testing.assert_allclose(scores[kept], theirs.prediction_logits.numpy()[kept], atol=1e-5)
    pair = ours["next_sentence"](outputs["pooled"]).numpy()
    np.testing.assert_allclose(pair, theirs.seq_relationship_logits.numpy(), atol=1e-5)
    assert_same_vectors(encoder, load("AutoModel", tmp_path)[0])


def test_transformers_loads_a_masked_lm(tmp_path):
    encoder = build("post")
    masked_lm = heads(encoder)["masked_lm"]
    save_pretrained(tmp_path, encoder, heads={"masked_lm": masked_lm})
    model, _ = load("AutoModelForMaskedLM", tmp_path)
    scores = masked_lm(encoder(FEATURES)["sequence"]).numpy()
    kept = FEATURES["padding_mask"].astype(bool)
    np.testing.assert_allclose(scores[kept], run_torch(model).logits.numpy()[kept], atol=1e-5)
    assert_same_vectors(encoder, load("AutoModel", tmp_path)[0])


def test_transformers_loads_a_classifier(tmp_path):
    encoder = build("post")
    head = Classifier(3)
    head.build(encoder.hidden_dim)
    save_pretrained(
        tmp_path,
        encoder,
        heads={"classifier": head},
        extra={"id2label": {0: "가", 1: "나", 2: "다"}, "label2id": {"가": 0, "나": 1, "다": 2}},
    )
    model, info = load("AutoModelForSequenceClassification", tmp_path)
    assert not info["unexpected_keys"]
    assert model.config.id2label == {0: "가", 1: "나", 2: "다"}
    logits = head(encoder(FEATURES), FEATURES["padding_mask"]).numpy()
    np.testing.assert_allclose(logits, run_torch(model).logits.numpy(), atol=1e-5)


def test_transformers_is_told_that_another_pooling_is_not_its_own(tmp_path):
    import transformers

    encoder = build("post")
    head = Classifier(3, pooling="max")
    head.build(encoder.hidden_dim)
    save_pretrained(tmp_path, encoder, heads={"classifier": head})
    _, info = transformers.AutoModelForSequenceClassification.from_pretrained(
        tmp_path, output_loading_info=True
    )
    assert {"classifier.weight", "classifier.bias"} <= set(info["missing_keys"])
    assert_same_vectors(encoder, load("AutoModel", tmp_path)[0])


@pytest.mark.parametrize("kind", ["Bert", "MegatronBert"])
def test_tensors_are_the_same_bytes_after_both_ways(tmp_path, kind):
    import transformers
    from safetensors.numpy import load_file

    config = getattr(transformers, f"{kind}Config")(
        vocab_size=13,
        hidden_size=12,
        num_hidden_layers=2,
        num_attention_heads=3,
        intermediate_size=20,
        max_position_embeddings=7,
    )
    getattr(transformers, f"{kind}ForPreTraining")(config).save_pretrained(tmp_path / "theirs")
    encoder = kortf.from_pretrained(tmp_path / "theirs")
    ours = heads(encoder)
    assert load_heads(ours, tmp_path / "theirs") == []
    save_pretrained(tmp_path / "ours", encoder, heads=ours)
    before = load_file(tmp_path / "theirs" / "model.safetensors")
    after = load_file(tmp_path / "ours" / "model.safetensors")
    assert before.keys() == after.keys()
    for name, tensor in before.items():
        assert tensor.dtype == after[name].dtype and tensor.tobytes() == after[name].tobytes(), name
    written = transformers.AutoConfig.from_pretrained(tmp_path / "ours").to_dict()
    read = transformers.AutoConfig.from_pretrained(tmp_path / "theirs").to_dict()
    different = {key for key in read if read[key] != written.get(key)}
    assert different <= {"transformers_version", "_name_or_path"}


def test_transformers_reads_the_vocabulary(tmp_path):
    import transformers

    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "나", "##는", "간다", "."]
    encoder = build("pre")
    save_pretrained(tmp_path, encoder, Vocabulary("wordpiece", "\n".join(pieces).encode()))
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path)
    assert tokenizer("나는 간다.")["input_ids"] == [2, 5, 6, 7, 8, 3]
    assert tokenizer.model_max_length == 7

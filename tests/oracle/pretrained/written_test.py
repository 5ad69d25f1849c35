"""What kortf writes, transformers loads without a word, and computes the same."""

import pytest

from kortf.pretrained.directory.directory import save_pretrained
from kortf.text.vocabulary.vocabulary import Vocabulary
from tests.harness.pretrained.random_models import BATCH, KEPT, build, heads_of, scatter
from tests.harness.pretrained.torch_models import assert_close, load, run

pytestmark = pytest.mark.oracle

# Class, encoder, changes of its settings.
ENCODERS = {
    "bert": ("BertModel", "bert", {}),
    "bert, other settings": ("BertModel", "bert", {"num_segments": 3, "activation": "relu"}),
    "megatron": ("MegatronBertModel", "bert", {"norm": "pre", "activation": "gelu_tanh"}),
    "albert": ("AlbertModel", "albert", {"embedding_dim": 6}),
    "albert, groups": ("AlbertModel", "albert", {"embedding_dim": 6, "num_groups": 2}),
    "albert, unshared": ("AlbertModel", "albert", {"embedding_dim": 6, "num_groups": 4}),
    "albert, unfactorised": ("AlbertModel", "albert", {"embedding_dim": 16, "activation": "gelu"}),
    "albert, by bert": ("AlbertModel", "bert", {"embedding_dim": 6, "num_groups": 2}),
    "electra": ("ElectraModel", "electra", {}),
    "electra, factorised": ("ElectraModel", "electra", {"embedding_dim": 6}),
    "electra, by bert": ("ElectraModel", "bert", {"embedding_dim": 6, "pooler": False}),
    "bert, by electra": ("BertModel", "electra", {"pooler": True}),
    "roberta": ("RobertaModel", "roberta", {}),
    "roberta, published": ("RobertaModel", "roberta", {"position_offset": 2}),
    "gpt": ("GPT2Model", "gpt", {}),
    "gpt, other settings": ("GPT2Model", "gpt", {"activation": "relu", "norm_epsilon": 0.1}),
}


@pytest.mark.parametrize("case", ENCODERS)
def test_encoder(tmp_path, case):
    kind, name, changes = ENCODERS[case]
    encoder = build(name, **changes)
    save_pretrained(tmp_path, encoder)
    model = load("AutoModel", tmp_path)
    assert type(model).__name__ == kind
    ours, theirs = encoder(BATCH), run(model)
    assert_close(ours["sequence"], theirs.last_hidden_state, KEPT)
    if encoder.settings["pooler"]:
        assert_close(ours["pooled"], theirs.pooler_output)


# Encoder, changes of its settings, heads, how they are loaded, class.
HEADS = [
    ("bert", {}, ["masked_lm"], "MaskedLM", "BertForMaskedLM"),
    ("bert", {"pooler": False}, ["masked_lm"], "MaskedLM", "BertForMaskedLM"),
    ("bert", {}, ["masked_lm", "next_sentence"], "PreTraining", "BertForPreTraining"),
    ("bert", {}, ["masked_lm", "sentence_order"], "PreTraining", "BertForPreTraining"),
    ("bert", {}, ["next_sentence"], "NextSentencePrediction", "BertForNextSentencePrediction"),
    ("bert", {}, ["masked_lm", "span_boundary"], "MaskedLM", "BertForMaskedLM"),
    ("bert", {"norm": "pre"}, ["masked_lm"], "MaskedLM", "MegatronBertForMaskedLM"),
    ("albert", {}, ["masked_lm"], "MaskedLM", "AlbertForMaskedLM"),
    ("albert", {}, ["masked_lm", "sentence_order"], "PreTraining", "AlbertForPreTraining"),
    ("albert", {}, ["masked_lm", "next_sentence"], "PreTraining", "AlbertForPreTraining"),
    ("albert", {}, ["classifier"], "SequenceClassification", "AlbertForSequenceClassification"),
    ("bert", {}, ["classifier"], "SequenceClassification", "BertForSequenceClassification"),
    ("electra", {}, ["replaced_token"], "PreTraining", "ElectraForPreTraining"),
    ("electra", {"embedding_dim": 6}, ["replaced_token"], "PreTraining", "ElectraForPreTraining"),
    ("electra", {"embedding_dim": 6}, ["masked_lm"], "MaskedLM", "ElectraForMaskedLM"),
    ("electra", {"activation": "relu"}, ["replaced_token"], "PreTraining", "ElectraForPreTraining"),
    ("gpt", {}, ["causal_lm"], "CausalLM", "GPT2LMHeadModel"),
    ("bert", {}, ["token_classifier"], "TokenClassification", "BertForTokenClassification"),
    ("bert", {"norm": "pre"}, ["token_classifier"], "TokenClassification",
     "MegatronBertForTokenClassification"),
    ("albert", {}, ["token_classifier"], "TokenClassification", "AlbertForTokenClassification"),
    ("electra", {"embedding_dim": 6}, ["token_classifier"], "TokenClassification",
     "ElectraForTokenClassification"),
    ("gpt", {}, ["token_classifier"], "TokenClassification", "GPT2ForTokenClassification"),
    ("bert", {}, ["span_classifier"], "QuestionAnswering", "BertForQuestionAnswering"),
    ("bert", {"norm": "pre"}, ["span_classifier"], "QuestionAnswering",
     "MegatronBertForQuestionAnswering"),
    ("albert", {}, ["span_classifier"], "QuestionAnswering", "AlbertForQuestionAnswering"),
    ("electra", {}, ["span_classifier"], "QuestionAnswering", "ElectraForQuestionAnswering"),
    ("gpt", {}, ["span_classifier"], "QuestionAnswering", "GPT2ForQuestionAnswering"),
    ("electra", {}, ["hidden_classifier"], "SequenceClassification",
     "ElectraForSequenceClassification"),
    ("roberta", {}, ["masked_lm"], "MaskedLM", "RobertaForMaskedLM"),
    ("roberta", {}, ["token_classifier"], "TokenClassification", "RobertaForTokenClassification"),
    ("roberta", {}, ["span_classifier"], "QuestionAnswering", "RobertaForQuestionAnswering"),
    ("roberta", {"pooler": False}, ["tanh_classifier"], "SequenceClassification",
     "RobertaForSequenceClassification"),
]  # fmt: skip
# Where the scores of a head stand in the outputs of a class with several, or with one.
OUTPUTS = {
    "masked_lm": ("prediction_logits", "logits"),
    "next_sentence": ("seq_relationship_logits", "sop_logits", "logits"),
    "sentence_order": ("seq_relationship_logits", "sop_logits", "logits"),
    "replaced_token": ("logits",),
    "causal_lm": ("logits",),
    "classifier": ("logits",),
    "token_classifier": ("logits",),
}


@pytest.mark.parametrize(("name", "changes", "names", "auto", "kind"), HEADS)
def test_heads(tmp_path, name, changes, names, auto, kind):
    encoder = build(name, **changes)
    heads = heads_of(encoder, *names)
    if "classifier" in names[0]:
        heads = {names[0].replace("hidden_", "").replace("tanh_", ""): heads[names[0]]}
    save_pretrained(tmp_path, encoder, heads=heads)
    model = load(f"AutoModelFor{auto}", tmp_path)
    assert type(model).__name__ == kind == model.config.architectures[0]
    check_heads(encoder, heads, run(model))


def check_heads(encoder, heads, theirs):
    outputs = encoder(BATCH)
    for name, head in heads.items():
        if name == "span_boundary":
            continue
        if name == "span_classifier":
            ends = head.ends(outputs["sequence"])
            assert_close(ends[..., 0], theirs.start_logits, KEPT)
            assert_close(ends[..., 1], theirs.end_logits, KEPT)
            continue
        scores = next(theirs[key] for key in OUTPUTS[name] if key in theirs)
        if name == "classifier":
            assert_close(head(outputs, BATCH["padding_mask"]), scores)
        elif name in ("next_sentence", "sentence_order"):
            assert_close(head(outputs["pooled"]), scores)
        else:
            assert_close(head(outputs["sequence"]), scores, KEPT)


@pytest.mark.parametrize(
    ("name", "changes", "kind"),
    [
        ("electra", {}, "ElectraForMaskedLM"),
        ("electra", {"embedding_dim": 6}, "ElectraForMaskedLM"),
        ("bert", {}, "ElectraForMaskedLM"),
        ("albert", {"embedding_dim": 6, "activation": "gelu"}, "AlbertForMaskedLM"),
    ],
)
def test_generator(tmp_path, name, changes, kind):
    generator = scatter(build(name, **changes).generator(0.5))
    heads = heads_of(generator, "masked_lm")
    save_pretrained(tmp_path, generator, heads=heads)
    model = load("AutoModelForMaskedLM", tmp_path)
    assert type(model).__name__ == kind
    assert model.config.hidden_size == 8
    check_heads(generator, heads, run(model))


@pytest.mark.parametrize(
    ("name", "changes", "names"),
    [
        ("bert", {}, ["replaced_token"]),
        ("bert", {"pooler": True}, ["span_boundary", "replaced_token"]),
        ("albert", {}, ["sentence_order"]),
        ("electra", {}, ["classifier"]),
        ("electra", {"activation": "relu"}, ["masked_lm"]),
        ("gpt", {}, ["classifier"]),
    ],
)
def test_what_transformers_does_not_have_is_not_in_its_way(tmp_path, name, changes, names):
    encoder = build(name, **changes)
    save_pretrained(tmp_path, encoder, heads=heads_of(encoder, *names))
    assert_close(
        encoder(BATCH)["sequence"], run(load("AutoModel", tmp_path)).last_hidden_state, KEPT
    )


def test_classifier_of_another_pooling_is_not_taken_for_transformers_own(tmp_path):
    import transformers

    encoder = build("bert")
    heads = heads_of(encoder, "classifier")
    heads["classifier"].pooling = "max"
    save_pretrained(tmp_path, encoder, heads=heads)
    _, info = transformers.AutoModelForSequenceClassification.from_pretrained(
        tmp_path, output_loading_info=True
    )
    assert set(info["missing_keys"]) == {"classifier.weight", "classifier.bias"}
    assert not info["unexpected_keys"]
    assert_close(encoder(BATCH)["pooled"], run(load("AutoModel", tmp_path)).pooler_output)


def test_classifier_without_a_pooler_is_not_taken_for_transformers_own(tmp_path):
    import transformers

    encoder = build("bert", pooler=False)
    save_pretrained(tmp_path, encoder, heads=heads_of(encoder, "classifier"))
    _, info = transformers.AutoModelForSequenceClassification.from_pretrained(
        tmp_path, output_loading_info=True
    )
    assert {"classifier.weight", "bert.pooler.dense.weight"} <= set(info["missing_keys"])


def test_labels(tmp_path):
    encoder = build("bert")
    names = {"id2label": {0: "가", 1: "나", 2: "다"}, "label2id": {"가": 0, "나": 1, "다": 2}}
    save_pretrained(tmp_path, encoder, heads=heads_of(encoder, "classifier"), extra=names)
    model = load("AutoModelForSequenceClassification", tmp_path)
    assert model.config.id2label == names["id2label"]


@pytest.mark.parametrize("kind", ["klue_ner", "korquad"])
def test_fine_tuned_tasks(tmp_path, kind):
    """With the names of the tags, and what transformers does not know of in a file of its own."""
    from kortf import tasks

    encoder = build("bert")
    task = tasks.build(kind)
    task.build(encoder.hidden_dim, 0.02, 0.1)
    head = scatter(task.head)
    extra = {}
    if kind == "klue_ner":
        extra["id2label"] = dict(enumerate(task.classes))
        extra["label2id"] = {tag: i for i, tag in extra["id2label"].items()}
    save_pretrained(tmp_path, encoder, heads={head.name: head}, extra=extra)
    auto = {"klue_ner": "TokenClassification", "korquad": "QuestionAnswering"}[kind]
    model = load(f"AutoModelFor{auto}", tmp_path)
    if kind == "klue_ner":
        assert model.config.id2label == extra["id2label"]
    check_heads(encoder, {head.name: head}, run(model))


@pytest.mark.parametrize("name", ["bert", "albert", "electra", "gpt", "roberta"])
def test_vocabulary(tmp_path, name):
    import transformers

    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "나", "##는", "간다", "."]
    vocabulary = Vocabulary("wordpiece", "\n".join(pieces).encode())
    save_pretrained(tmp_path, build(name), vocabulary)
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path)
    assert tokenizer("나는 간다.")["input_ids"] == [2, 5, 6, 7, 8, 3]
    assert tokenizer.model_max_length == 7
    config = transformers.AutoConfig.from_pretrained(tmp_path)
    assert config.pad_token_id == 0
    if name in ("albert", "gpt", "roberta"):
        assert (config.bos_token_id, config.eos_token_id) == (2, 3)

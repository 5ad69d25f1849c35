"""Heads that transformers wrote answer as transformers' pipelines do."""

import json

import numpy as np
import pytest

import kortf
from kortf.errors import InputError
from kortf.text.tokenizer.tokenizer import load_tokenizer

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

LETTERS = "가나다라마바사"
PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *LETTERS, *(f"##{c}" for c in LETTERS)]
SIZES = {
    "vocab_size": len(PIECES),
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "max_position_embeddings": 66,
    "initializer_range": 0.4,
}
TEXTS = ["가나 다라", "마바사 가 가가나", "나", "사라 라마 다나가 나 라"]
TAGS = ["B-PS", "O", "I-PS", "I-LC", "B-LC"]
ROBERTA = {"pad_token_id": 0, "type_vocab_size": 1}
MODERNBERT = {
    "pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3, "cls_token_id": 2, "sep_token_id": 3,
    "local_attention": 4,
}  # fmt: skip
DEBERTA = {
    "relative_attention": True, "position_buckets": 6, "norm_rel_ebd": "layer_norm",
    "share_att_key": True, "pos_att_type": "p2c|c2p", "position_biased_input": False,
    "type_vocab_size": 0, "pooler_hidden_size": 32,
}  # fmt: skip


def make(directory, model_type: str, head: str, labels=None, **config) -> str:
    """Write a random model of transformers and a vocabulary; return the directory."""
    torch.manual_seed(3)
    if labels:
        config["id2label"] = dict(enumerate(labels))
        config["label2id"] = {label: i for i, label in enumerate(labels)}
    config = getattr(transformers, f"{model_type}Config")(**SIZES | config)
    model = getattr(transformers, f"{model_type}{head}")(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 1:
                parameter.add_(0.2 * torch.randn_like(parameter))
    model.save_pretrained(directory)
    (directory / "vocab.txt").write_text("\n".join(PIECES) + "\n", encoding="utf-8")
    (directory / "tokenizer_config.json").write_text(
        json.dumps({"do_lower_case": False, "strip_accents": False})
    )
    load_tokenizer(str(directory)).save(str(directory))  # tokenizer.json, for transformers
    return str(directory)


def pipeline(task: str, directory: str, **settings):
    return transformers.pipeline(task, model=directory, device="cpu", **settings)


@pytest.mark.parametrize(
    "model_type, config",
    [
        ("Bert", {"labels": ["나쁨", "보통", "좋음"]}),
        ("Roberta", {"labels": ["b", "a"], **ROBERTA}),
        ("Electra", {"num_labels": 4, "embedding_size": 16}),
        ("Albert", {"num_labels": 2, "embedding_size": 16}),
        ("Bert", {"num_labels": 3, "problem_type": "multi_label_classification"}),
        ("Bert", {"num_labels": 1}),
        ("Roberta", {"num_labels": 1, "problem_type": "regression", **ROBERTA}),
        ("ModernBert", {"num_labels": 3, "classifier_pooling": "mean", **MODERNBERT}),
        ("ModernBert", {"num_labels": 3, "classifier_pooling": "cls", **MODERNBERT}),
        ("DebertaV2", {"num_labels": 3, **DEBERTA}),
        ("DistilBert", {"num_labels": 3, "dim": 32, "n_heads": 4, "n_layers": 2}),
        ("BigBird", {"num_labels": 3, "attention_type": "original_full"}),
        ("BigBird", {"num_labels": 3, "attention_type": "original_full", "hidden_act": "relu"}),
    ],
)
def test_classifiers(model_type, config, tmp_path):
    directory = make(tmp_path, model_type, "ForSequenceClassification", **config)
    model = kortf.load(directory)
    expected = pipeline("text-classification", directory, top_k=None)(TEXTS)
    for ours, theirs in zip(model.predict(TEXTS), expected, strict=True):
        scores = {row["label"]: row["score"] for row in theirs}
        if "probabilities" not in ours:
            assert ours["score"] == pytest.approx(theirs[0]["score"], abs=1e-5)
            continue
        assert ours["label"] == theirs[0]["label"]
        assert ours["score"] == pytest.approx(theirs[0]["score"], abs=1e-5)
        assert ours["probabilities"] == pytest.approx(scores, abs=1e-5)


def test_a_classifier_of_pairs(tmp_path):
    from kortf.export.options import ExportOptions

    directory = make(tmp_path, "Bert", "ForSequenceClassification", num_labels=3)
    model = kortf.load(directory, options=ExportOptions(pair=True))
    assert model.inputs == ("text", "text_pair")
    ours = model.predict([("가나 다", "라마"), {"text": "나", "text_pair": "가 가"}])
    pairs = [{"text": "가나 다", "text_pair": "라마"}, {"text": "나", "text_pair": "가 가"}]
    for answer, theirs in zip(ours, pipeline("text-classification", directory)(pairs), strict=True):
        assert answer["label"] == theirs["label"]
        assert answer["score"] == pytest.approx(theirs["score"], abs=1e-5)


@pytest.mark.parametrize(
    "model_type, config",
    [("Bert", {}), ("Electra", {"embedding_size": 16}), ("ModernBert", MODERNBERT)],
)
def test_taggers(model_type, config, tmp_path):
    directory = make(tmp_path, model_type, "ForTokenClassification", TAGS, **config)
    expected = pipeline("token-classification", directory, aggregation_strategy="simple")
    found = 0
    for ours, text in zip(kortf.load(directory).predict(TEXTS), TEXTS, strict=True):
        theirs = expected(text)
        spans = [(e["entity_group"], e["start"], e["end"]) for e in theirs]
        assert [(e["label"], e["start"], e["end"]) for e in ours["entities"]] == spans
        scores = [e["score"] for e in ours["entities"]]
        assert scores == pytest.approx([float(e["score"]) for e in theirs], abs=1e-5)
        found += len(spans)
    assert found > 3


@pytest.mark.parametrize("model_type, config", [("Bert", {}), ("ModernBert", MODERNBERT)])
def test_answers(tmp_path, model_type, config):
    """Begin and end are softmaxes over `[CLS]` and the context, as in transformers' pipeline."""
    directory = make(tmp_path, model_type, "ForQuestionAnswering", **config)
    tokenizer = transformers.AutoTokenizer.from_pretrained(directory)
    model = transformers.AutoModelForQuestionAnswering.from_pretrained(directory).eval()
    rows = [("가 나", text) for text in TEXTS]
    for ours, (question, context) in zip(kortf.load(directory).predict(rows), rows, strict=True):
        batch = tokenizer(question, context, return_offsets_mapping=True, return_tensors="pt")
        offsets = batch.pop("offset_mapping")[0].tolist()
        inside = np.array([i == 1 for i in batch.sequence_ids(0)])
        allowed = inside.copy()
        allowed[0] = True
        with torch.no_grad():
            output = model(**batch)
        begin, end = (
            torch.softmax(torch.where(torch.tensor(allowed), logits[0], -1e4), 0).numpy()
            for logits in (output.start_logits, output.end_logits)
        )
        scores = np.triu(np.outer(begin * inside, end * inside))
        scores -= np.triu(scores, 15)
        first, last = np.unravel_index(scores.argmax(), scores.shape)
        best = ours["answers"][0]
        assert (best["start"], best["end"]) == (offsets[first][0], offsets[last][1])
        assert best["score"] == pytest.approx(scores.max(), abs=1e-5)


def test_gaps(tmp_path):
    directory = make(tmp_path, "Bert", "ForMaskedLM")
    texts = ["가나 [MASK] 다", "[MASK] 라"]
    expected = pipeline("fill-mask", directory)(texts)
    for ours, theirs in zip(kortf.load(directory).predict(texts), expected, strict=True):
        scores = [candidate["score"] for candidate in ours["masks"][0]]
        assert scores == pytest.approx([row["score"] for row in theirs], abs=1e-5)
        assert [PIECES.index(candidate["token"]) for candidate in ours["masks"][0]] == [
            row["token"] for row in theirs
        ]


def test_vectors(tmp_path):
    directory = make(tmp_path, "Bert", "Model")
    tokenizer = transformers.AutoTokenizer.from_pretrained(directory)
    batch = tokenizer(TEXTS, padding=True, return_tensors="pt")
    with torch.no_grad():
        model = transformers.AutoModel.from_pretrained(directory).eval()
        sequence = model(**batch).last_hidden_state.numpy()
    mask = batch["attention_mask"].numpy()[:, :, None]
    expected = (sequence * mask).sum(1) / mask.sum(1)
    np.testing.assert_allclose(kortf.load(directory).embed(TEXTS), expected, atol=1e-5)


def test_labels_that_cannot_be_used_are_named(tmp_path):
    directory = make(tmp_path, "Bert", "ForSequenceClassification", ["a", "b"])
    path = tmp_path / "config.json"
    config = json.loads(path.read_text())
    for labels in ({"0": "a", "1": "a"}, {"0": "a", "2": "b"}, ["a", "b"], {"0": 1, "1": "b"}):
        path.write_text(json.dumps(config | {"id2label": labels}))
        with pytest.raises(InputError, match="id2label"):
            kortf.load(directory)


def test_a_published_classifier_is_scored_on_a_benchmark(tmp_path):
    from kortf.train.evaluation.evaluate import evaluate

    (tmp_path / "model").mkdir()
    directory = make(tmp_path / "model", "Bert", "ForSequenceClassification", num_labels=2)
    rows = [(text, int(i % 2)) for i, text in enumerate(TEXTS * 3)]
    lines = ["id\tdocument\tlabel", *(f"{i}\t{t}\t{label}" for i, (t, label) in enumerate(rows))]
    (tmp_path / "ratings_test.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    data = str(tmp_path / "ratings_test.txt")
    report = evaluate(directory, "nsmc", data, str(tmp_path / "scores"))
    expected = pipeline("text-classification", directory)([text for text, _ in rows])
    right = [
        row["label"] == f"LABEL_{label}" for row, (_, label) in zip(expected, rows, strict=True)
    ]
    assert report["scores"]["accuracy"] == pytest.approx(np.mean(right))
    with pytest.raises(InputError, match="--task=kornli"):
        evaluate(directory, "kornli", data, str(tmp_path / "scores"))

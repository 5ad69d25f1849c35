"""OpenVINO answers as TensorFlow does; skipped where it is not installed."""

import numpy as np
import pytest
import tensorflow as tf

import kortf
from kortf import models, tasks
from kortf.export.encoders import calibration, openvino_encoder
from kortf.export.loading import load_model
from kortf.export.options import ENGINES, FEATURES, ExportOptions
from kortf.export.serve.loaded_model import LoadedModel
from kortf.layers.heads.lexical_part import lexical_codes
from kortf.pretrained.directory.directory import save_pretrained
from kortf.pretrained.sentence_transformers.settings import EmbeddingSettings, Lexical
from kortf.text.tokenizer.tokenizer import Tokenizer
from kortf.text.vocabulary.loading import load_vocabulary
from kortf.train.evaluation.scoring import Scorer
from kortf.train.results.finetuning_results import save_finetuned

openvino = pytest.importorskip("openvino")

# Without it OpenVINO takes bfloat16 where the CPU has units for it.
HINTS = {"INFERENCE_PRECISION_HINT": "f32"}
TEXTS = ["정말 재미있는 영화였다.", "", "시간이 아깝다", "지루하다 " * 30]
KINDS = {
    "nsmc": {},
    "korsts": {},
    "kmou_ner": {"crf": False},
    "klue_ner": {"crf": True},
    "korquad": {"max_trim": 2},
    "klue_nli": {},
    "hate_speech": {},
}
# Tasks whose head the engine computes as well.
HEADS = {
    "korsts": {"pooling": "mean"},
    "nsmc": {"pooling": "max", "hidden": "tanh"},
    "multi_label": {"classes": ("가", "나", "다")},
    "published_multi_label": {"classes": ("가", "나"), "pair": True},
    "klue_wos": {"values": {"a-b": ("none", "1", "2"), "c-d": ("none", "3")}},
}


@pytest.fixture
def model_dir(request, vocabulary_dir, tmp_path):
    """A model directory of one kind with random weights."""
    vocabulary = load_vocabulary(str(vocabulary_dir))
    sizes = {"num_layers": 1, "num_heads": 2, "hidden_dim": 8, "max_length": 24, "init_scale": 0.5}
    encoder = models.build("bert", vocabulary_size=vocabulary.size, **sizes)
    name = request.param.removeprefix("head:")
    task = tasks.build(name, **(KINDS if name == request.param else HEADS)[name])
    task.build(encoder.hidden_dim, 0.5, 0.1)
    directory = str(tmp_path / "model")
    save_finetuned(directory, Scorer(encoder, task, Tokenizer(vocabulary), max_length=20))
    return directory


@pytest.mark.parametrize(
    "model_dir",
    [
        name if name == "korquad" else pytest.param(name, marks=pytest.mark.exhaustive)
        for name in KINDS
    ],
    indirect=True,
)  # fmt: skip
def test_the_tokens_signature_is_converted(model_dir):
    served = load_model(model_dir)
    function = served.tokens.get_concrete_function()
    compiled = openvino.Core().compile_model(openvino.convert_model(function), "CPU", HINTS)
    pairs = TEXTS if len(served.serve.input_signature) == 2 else None
    batch = kortf.load_tokenizer(model_dir).encode(TEXTS, pairs, max_length=20)
    ids = [tf.cast(batch[name], tf.int32) for name in FEATURES]
    expected = {name: value.numpy() for name, value in function(*ids).items()}
    given = {name: value.numpy() for name, value in zip(FEATURES, ids, strict=True)}
    found = {name: value for port, value in compiled(given).items() for name in port.names}
    kept = batch["padding_mask"].numpy().astype(bool)
    for name, value in expected.items():
        rows = slice(None) if value.ndim < 2 or value.shape[1] != kept.shape[1] else kept
        np.testing.assert_allclose(found[name][rows], value[rows], atol=1e-4, err_msg=name)


def test_an_exported_signature_is_converted(saved_model_dir, finetuned_dir):
    import tensorflow_text  # noqa: F401  its operations are in the graph

    model = tf.saved_model.load(str(saved_model_dir))  # holds the variables of its signatures
    function = model.signatures["tokens"]
    compiled = openvino.Core().compile_model(openvino.convert_model(function), "CPU", HINTS)
    batch = kortf.load_tokenizer(finetuned_dir).encode(TEXTS, max_length=20)
    batch = {name: tf.cast(value, tf.int32) for name, value in batch.items()}
    expected = function(**batch)["probabilities"].numpy()
    found = compiled({name: value.numpy() for name, value in batch.items()})
    by_name = {name: value for port, value in found.items() for name in port.names}
    np.testing.assert_allclose(by_name["probabilities"], expected, atol=1e-4)


def test_the_engine_answers_alike(finetuned_dir):
    expected = kortf.load(finetuned_dir).predict(TEXTS)
    found = kortf.load(finetuned_dir, options=ExportOptions(engine="openvino")).predict(TEXTS)
    for ours, theirs in zip(found, expected, strict=True):
        assert ours["label"] == theirs["label"]
        assert ours["probabilities"] == pytest.approx(theirs["probabilities"], abs=1e-4)


@pytest.mark.parametrize("model_dir", [f"head:{name}" for name in HEADS], indirect=True)
def test_the_direct_function_answers_as_its_graph(model_dir):
    served = load_model(model_dir, ExportOptions(engine="openvino"))
    first = [*TEXTS, "줄\n바꿈\0ABC", "😀 ㅋㅋ", *("말 " * count for count in range(1, 40))]
    inputs, direct = len(served.serve.input_signature), served.direct["serving_default"]
    columns = [first, first[::-1]][:inputs]
    for count in (len(first), 1):
        given = [column[:count] for column in columns]
        expected = {k: v.numpy() for k, v in served.serve(*map(tf.constant, given)).items()}
        _assert_equal(direct(*given), expected)
    none = direct(*[[]] * inputs)
    assert {name: len(value) for name, value in none.items()} == dict.fromkeys(expected, 0)
    given = [column[:3] for column in columns]
    as_bytes = [[text.encode() for text in column] for column in given]
    _assert_equal(direct(*as_bytes), direct(*given))


def _assert_equal(found: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> None:
    assert {k: v.dtype for k, v in found.items()} == {k: v.dtype for k, v in expected.items()}
    for name, value in expected.items():
        if value.dtype == object:
            assert found[name].tolist() == value.tolist(), name
        else:
            np.testing.assert_allclose(found[name], value, atol=1e-5, err_msg=name)


def test_the_server_answers_alike(finetuned_dir):
    given = {"text": np.array([text.encode() for text in TEXTS], object)}
    models = [LoadedModel("nsmc", 1, finetuned_dir, ExportOptions(engine=e)) for e in ENGINES]
    expected, found = (model.run("serving_default", given) for model in models)
    assert found["label"].tolist() == expected["label"].tolist()
    np.testing.assert_allclose(found["probabilities"], expected["probabilities"], atol=1e-4)
    assert {k: v.dtype for k, v in found.items()} == {k: v.dtype for k, v in expected.items()}


@pytest.mark.parametrize("lexical", [False, True])
def test_an_encoder_embeds_as_its_graph_does(untrained, tmp_path, lexical):
    pieces = tuple(untrained[1].pieces)
    weights = np.linspace(0, 1, len(pieces), dtype=np.float32)
    tables = Lexical(pieces, *lexical_codes(weights, 8, 0.2)) if lexical else None
    settings = EmbeddingSettings(
        normalize=True, prompts={"query": "말 "}, default_prompt="query", lexical=tables
    )
    save_pretrained(str(tmp_path / "model"), *untrained, embedding=settings)
    model = kortf.load(tmp_path / "model", options=ExportOptions(engine="openvino"))
    expected = kortf.load(tmp_path / "model").embed(TEXTS)
    np.testing.assert_allclose(model.embed(TEXTS), expected, atol=1e-5)


def test_bfloat16_is_asked_for(finetuned_dir, monkeypatch):
    hints = []
    compile_model = openvino.Core.compile_model

    def recorded(core, model, device, config):
        hints.append(config["INFERENCE_PRECISION_HINT"])
        return compile_model(core, model, device, config)

    monkeypatch.setattr(openvino.Core, "compile_model", recorded)
    expected = kortf.load(finetuned_dir).predict(TEXTS)
    options = ExportOptions(engine="openvino", dtype="bfloat16")
    for ours, theirs in zip(
        kortf.load(finetuned_dir, options=options).predict(TEXTS), expected, strict=True
    ):
        assert ours["probabilities"] == pytest.approx(theirs["probabilities"], abs=0.02)
    assert hints == ["bf16"]


@pytest.mark.exhaustive
def test_products_of_8_bits_are_near(finetuned_dir):
    pytest.importorskip("nncf")
    expected = kortf.load(finetuned_dir).predict(TEXTS)
    options = ExportOptions(engine="openvino", weights="int8")
    found = kortf.load(finetuned_dir, options=options).predict(TEXTS)
    close = [
        abs(ours["probabilities"][name] - value)
        for ours, theirs in zip(found, expected, strict=True)
        for name, value in theirs["probabilities"].items()
    ]
    # Weights of this model are random and large: 16 dimensions of 8 bits are coarse.
    assert 0 < np.mean(close) < 0.2


@pytest.mark.exhaustive
def test_one_thread_answers_short_rows_of_8_bits_alike(finetuned_dir, monkeypatch):
    pytest.importorskip("nncf")
    threads, compile_model = [], openvino_encoder._compile

    def recorded(model, dtype, number):
        threads.append(number)
        return compile_model(model, dtype, number)

    monkeypatch.setattr(openvino_encoder, "_compile", recorded)
    monkeypatch.setattr(calibration, "SENTENCES", calibration.SENTENCES[:4])
    options = ExportOptions(engine="openvino", weights="int8")
    short = kortf.load(finetuned_dir, options=options).predict(TEXTS)
    assert threads == [0, 1]
    monkeypatch.setattr(openvino_encoder, "FEW_PRODUCTS", 0)
    long = kortf.load(finetuned_dir, options=options).predict(TEXTS)
    assert threads == [0, 1, 0]
    for one, other in zip(short, long, strict=True):
        assert one["probabilities"] == pytest.approx(other["probabilities"], abs=1e-5)

"""What is exported runs without kortf, and answers as the model it was made of."""

import functools
import json
import os
import shutil

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from kortf import models, tasks
from kortf.cli.main import run_verb
from kortf.errors import InputError
from kortf.export import saved_model
from kortf.export.heads.fill_mask import with_masks
from kortf.pretrained.directory.directory import load_heads, save_pretrained
from kortf.pretrained.directory.inference import load_masked_lm
from kortf.text.tokenizer.tokenizer import load_tokenizer
from kortf.text.vocabulary.loading import load_vocabulary
from kortf.train.evaluation.scoring import Scorer
from tests.harness.export import elsewhere

TEXTS = ["", "정말 재미있는 영화였다.", "나는 [MASK] 봤다 [MASK]", "지루하다 " * 3000, "ㅋㅋ"]


@pytest.fixture(scope="module")
def sentencepiece_dir(sample, tmp_path_factory):
    """Model directory with a vocabulary head and SentencePiece."""
    directory = tmp_path_factory.mktemp("sentencepiece")
    argv = [f"--input={sample}/kowiki/*.txt", f"--output={directory}/vocabulary"]
    assert run_verb("vocab", [*argv, "--type=sentencepiece", "--size=400"]) == 0
    vocabulary = load_vocabulary(f"{directory}/vocabulary")
    sizes = {"num_layers": 1, "num_heads": 2, "hidden_dim": 8, "max_length": 24}
    encoder = models.build("bert", vocabulary_size=vocabulary.size, **sizes)
    from kortf import objectives

    masked_lm = objectives.build("masked_lm")
    masked_lm.build(encoder)
    save_pretrained(directory / "model", encoder, vocabulary, {"masked_lm": masked_lm.heads[0]})
    return directory / "model"


@pytest.fixture(scope="module")
def fill_mask_dir(pretrained_dir, tmp_path_factory):
    directory = str(tmp_path_factory.mktemp("exported") / "fill_mask")
    saved_model.export(str(pretrained_dir), directory)
    return directory


@functools.cache
def served(directory: str):
    return saved_model.load_model(directory)


def answers(directory, texts) -> dict[str, np.ndarray]:
    values = served(str(directory)).serve(tf.constant(texts))
    return {name: value.numpy() for name, value in values.items()}


def graph(directory):
    message = saved_model_pb2.SavedModel()
    with open(os.path.join(directory, "saved_model.pb"), "rb") as file:
        message.ParseFromString(file.read())
    return message.meta_graphs[0].graph_def


def nodes(directory):
    whole = graph(directory)
    yield from whole.node
    for function in whole.library.function:
        yield from function.node_def


def test_runs_elsewhere_with_tensorflow_alone(
    finetuned_dir, saved_model_dir, pretrained_dir, fill_mask_dir, sentencepiece_dir, tmp_path
):
    made = saved_model.export(str(sentencepiece_dir), str(tmp_path / "first"))
    assert made["kind"] == "fill_mask"
    moved = []
    for directory in (saved_model_dir, fill_mask_dir, tmp_path / "first"):
        moved.append(str(tmp_path / f"moved-{len(moved)}"))
        shutil.copytree(directory, moved[-1])
    shutil.rmtree(tmp_path / "first")
    results = elsewhere.run([(path, {"text": TEXTS}) for path in moved])
    for model, both in zip(
        (finetuned_dir, pretrained_dir, sentencepiece_dir), results, strict=True
    ):
        expected = answers(model, TEXTS)
        for values in both:
            assert values.keys() == expected.keys()
            for name, value in values.items():
                if expected[name].dtype == object:
                    assert value == [each.decode() for each in expected[name].ravel()]
                else:
                    np.testing.assert_allclose(value, expected[name].ravel(), atol=1e-5)


def test_classifier_scores_as_after_training(finetuned_dir):
    texts = [
        "정말 재미있는 영화였다.",
        "시간이 아깝다",
        "배우들의 연기가 훌륭하고 결말도 감동적이다",
    ]
    task = tasks.build("nsmc", pooling="mean")
    task.build(16, 0.02, 0.1)
    import kortf

    assert load_heads({"classifier": task.head}, finetuned_dir) == []
    scorer = Scorer(kortf.from_pretrained(finetuned_dir), task, load_tokenizer(finetuned_dir), 20)
    examples = [{"text": text, "label": 0} for text in texts]
    expected = tf.nn.softmax(scorer.find(scorer.encode(examples))["scores"]).numpy()
    values = answers(finetuned_dir, texts)
    np.testing.assert_allclose(values["probabilities"], expected, atol=1e-5)
    np.testing.assert_allclose(values["score"], expected.max(1), atol=1e-5)
    classes = np.array([b"negative", b"positive"])
    np.testing.assert_array_equal(values["label"], classes[expected.argmax(1)])
    assert expected.std(axis=0).min() > 1e-3  # the texts are told apart


def test_a_row_does_not_depend_on_its_batch(finetuned_dir):
    together = answers(finetuned_dir, TEXTS)["probabilities"]
    alone = [answers(finetuned_dir, [text])["probabilities"][0] for text in TEXTS]
    np.testing.assert_allclose(together, alone, atol=1e-5)
    assert answers(finetuned_dir, tf.constant([], tf.string))["probabilities"].shape == (0, 2)


def test_rows_of_several_parts_come_back_in_their_order(finetuned_dir):
    texts = [" ".join(f"{i}번 영화" for _ in range(1 + i * 7 % 11)) for i in range(40)]
    serve = saved_model.load_model(str(finetuned_dir)).serve
    together = serve(tf.constant(texts))
    alone = [serve(tf.constant([text])) for text in texts]
    for name, values in together.items():
        expected = np.concatenate([each[name] for each in alone])
        if values.dtype == tf.string:
            np.testing.assert_array_equal(values, expected)
        else:
            np.testing.assert_allclose(values, expected, atol=1e-5)
    assert len(np.unique(together["score"].numpy().round(6))) > 20  # a wrong order would show


def test_gaps_are_filled_as_the_head_scores_them(pretrained_dir):
    encoder, head = load_masked_lm(pretrained_dir)
    tokenizer = load_tokenizer(pretrained_dir)
    vocabulary = tokenizer.vocabulary
    before, after = (tokenizer.tokenize([text]).to_list()[0] for text in ("나는", "봤다"))
    row = [vocabulary.cls_id, *before, vocabulary.mask_id, *after, vocabulary.mask_id]
    row = np.array([[*row, vocabulary.sep_id]], np.int32)
    batch = {"token_ids": row, "padding_mask": np.ones_like(row)}
    places = np.flatnonzero(row[0] == vocabulary.mask_id)
    vectors = encoder(batch)["sequence"][0].numpy()[places]
    expected = tf.nn.softmax(head(vectors)).numpy()

    values = answers(pretrained_dir, TEXTS)
    assert values["tokens"].shape == values["scores"].shape == (len(TEXTS), 2, 5)
    np.testing.assert_allclose(values["scores"][2], -np.sort(-expected)[:, :5], atol=1e-5)
    best = [[vocabulary.pieces[i] for i in order[:5]] for order in (-expected).argsort(1)]
    assert [[token.decode() for token in gap] for gap in values["tokens"][2]] == best
    for place in (0, 1, 3, 4):  # no gap is written there
        assert not any(values["tokens"][place].ravel()) and not values["scores"][place].any()


def test_gaps_beyond_the_model_are_left_out(pretrained_dir):
    values = answers(pretrained_dir, ["[MASK]" * 100, ""])
    assert values["tokens"].shape == (2, 22, 5)  # 24 positions, two of them [CLS] and [SEP]
    assert answers(pretrained_dir, ["나는"])["tokens"].shape == (1, 0, 5)


def test_masks_in_a_text(pretrained_dir):
    tokenizer = load_tokenizer(pretrained_dir)
    mask_id = tokenizer.vocabulary.mask_id

    def ids(text):
        return tokenizer.tokenize([text]).to_list()[0]

    texts = ["나는 [MASK] 간다", "[MASK][MASK]", "", "[mask] [MASK]는", "나는"]
    assert with_masks(tokenizer, tf.constant(texts), "[MASK]", mask_id).to_list() == [
        [*ids("나는"), mask_id, *ids("간다")],
        [mask_id, mask_id],
        [],
        [*ids("[mask]"), mask_id, *ids("는")],
        ids("나는"),
    ]


def test_graph_needs_neither_xla_nor_what_serving_lacks(saved_model_dir, fill_mask_dir):
    for directory in (saved_model_dir, fill_mask_dir):
        functions = graph(directory).library.function
        assert functions
        assert not any(function.attr["_XlaMustCompile"].b for function in functions)
        for node in nodes(directory):
            assert "Xla" not in node.op and "RoundRobinTrim" not in node.op
            assert "_gradient_op_type" not in node.attr and node.op != "PyFunc"


def test_weights_are_there_once(finetuned_dir, saved_model_dir):
    """All signatures share one copy: layers as constants of one function, the rest as variables."""
    from safetensors.numpy import load_file

    source = load_file(finetuned_dir / "model.safetensors")
    source |= load_file(finetuned_dir / "kortf_heads.safetensors")  # a head of mean pooling
    total = sum(tensor.size for tensor in source.values())
    shapes = tf.train.list_variables(str(saved_model_dir / "variables" / "variables"))
    held = sum(int(np.prod(shape)) for _, shape in shapes if shape)
    constants = [node.attr["value"].tensor for node in nodes(saved_model_dir) if node.op == "Const"]
    sizes = [tf.make_ndarray(value).size for value in constants if value.dtype == tf.float32]
    held += sum(size for size in sizes if size > 8)
    assert abs(held - total) < 0.02 * total


def test_signatures(finetuned_dir, saved_model_dir, tmp_path):
    """`tokens` answers as the strings do, without an op of tensorflow-text."""
    model = tf.saved_model.load(str(saved_model_dir))
    assert set(model.signatures) == {"serving_default", "tokens", "embedding"}
    tokenizer = load_tokenizer(finetuned_dir)
    texts = ["정말 재미있는 영화였다.", "시간이 아깝다"]
    batch = tokenizer.encode(texts, max_length=20)
    batch = {name: tf.cast(value, tf.int32) for name, value in batch.items()}
    found = model.signatures["tokens"](**batch)
    expected = model.signatures["serving_default"](text=tf.constant(texts))
    np.testing.assert_allclose(found["probabilities"], expected["probabilities"], atol=1e-5)
    assert model.signatures["embedding"](text=tf.constant(texts))["embedding"].shape == (2, 16)
    ops = {op.type for op in model.signatures["tokens"].graph.get_operations()}
    assert not any("Regex" in op or "Wordpiece" in op or "Unicode" in op for op in ops)


def test_warmup_requests_are_those_of_tf_serving(saved_model_dir):
    prediction_log_pb2 = pytest.importorskip("tensorflow_serving.apis.prediction_log_pb2")
    path = str(saved_model_dir / "assets.extra" / "tf_serving_warmup_requests")
    logs = [
        prediction_log_pb2.PredictionLog.FromString(record.numpy())
        for record in tf.data.TFRecordDataset(path)
    ]
    assert [log.WhichOneof("log_type") for log in logs] == ["predict_log"] * 3
    requests = [log.predict_log.request for log in logs]
    assert {request.model_spec.signature_name for request in requests} == {"serving_default"}
    values = [tf.make_ndarray(request.inputs["text"]) for request in requests]
    assert [value.shape for value in values] == [(32,), (1,), (1,)]


def test_options(finetuned_dir, pretrained_dir, tmp_path):
    from kortf.export.options import ExportOptions

    options = ExportOptions(max_length=12, dtype="bfloat16", signatures=("serving_default",))
    description = saved_model.export(str(finetuned_dir), str(tmp_path / "half"), options)
    assert description["max_length"] == 12 and list(description["signatures"]) == [
        "serving_default"
    ]
    half = tf.saved_model.load(str(tmp_path / "half")).signatures["serving_default"]
    found = half(text=tf.constant(["정말 재미있는 영화였다."]))["probabilities"].numpy()
    expected = answers(finetuned_dir, ["정말 재미있는 영화였다."])["probabilities"]
    np.testing.assert_allclose(found, expected, atol=0.05)
    served = saved_model.load_model(str(pretrained_dir), ExportOptions(top_k=2))
    assert served.serve(tf.constant(["나는 [MASK]"]))["tokens"].shape == (1, 1, 2)
    for wrong in ({"max_length": 4}, {"max_length": 999}):
        with pytest.raises(InputError, match="--max_length"):
            saved_model.load_model(str(pretrained_dir), ExportOptions(**wrong))
    for wrong in ({"top_k": 0}, {"dtype": "float16"}, {"signatures": ("nope",)}):
        with pytest.raises(InputError):
            ExportOptions(**wrong)


def test_no_path_is_inside(saved_model_dir, finetuned_dir):
    for parent, _, names in os.walk(saved_model_dir):
        for name in names:
            with open(os.path.join(parent, name), "rb") as file:
                data = file.read()
            for path in (finetuned_dir.parent, saved_model_dir.parent, os.getcwd()):
                assert str(path).encode() not in data


def test_older_one_is_replaced_or_stays_whole(
    finetuned_dir, saved_model_dir, fill_mask_dir, tmp_path, monkeypatch
):
    output = tmp_path / "saved_model"
    shutil.copytree(fill_mask_dir, output)
    before = (output / "saved_model.pb").read_bytes()

    def fail(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(saved_model.files, "write_json", fail)
        with pytest.raises(OSError, match="No space left"):
            saved_model.export(str(finetuned_dir), str(output))
    assert (output / "saved_model.pb").read_bytes() == before
    assert os.listdir(tmp_path) == ["saved_model"]

    saved_model.export(str(finetuned_dir), str(output))
    signature = tf.saved_model.load(str(output)).signatures["serving_default"]
    assert set(signature.structured_outputs) == {"label", "score", "probabilities"}


def test_description_and_example(finetuned_dir, saved_model_dir):
    with open(saved_model_dir / "assets.extra" / "kortf.json", encoding="utf-8") as file:
        description = json.load(file)
    assert description["inputs"] == {"text": "string [batch]"}
    assert description["outputs"] == {
        "label": "string [batch]",
        "score": "float32 [batch]",
        "probabilities": "float32 [batch, 2]",
    }
    names: dict = {}
    *imports, last = saved_model.example(description, str(saved_model_dir)).splitlines()
    exec("\n".join([*imports, f"values = {last}"]), names)
    assert names["values"]["label"].numpy()[0] in (b"negative", b"positive")


def test_what_cannot_be_exported_is_named(untrained, finetuned_dir, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="is a file, not a directory"):
        saved_model.export(str(finetuned_dir), str(tmp_path / "file"))
    with pytest.raises(InputError, match="is the model directory itself"):
        saved_model.export(str(finetuned_dir), f"{finetuned_dir}/")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "corpus.txt").write_text("가")
    with pytest.raises(InputError, match="holds other files"):
        saved_model.export(str(finetuned_dir), str(tmp_path / "other"))


def test_an_encoder_alone_gives_vectors(untrained, tmp_path):
    save_pretrained(tmp_path / "bare", *untrained)
    served = saved_model.load_model(str(tmp_path / "bare"))
    assert served.description["kind"] == "embedding"
    found = served.serve(tf.constant(TEXTS))["embedding"].numpy()
    assert found.shape == (len(TEXTS), 16) and np.isfinite(found).all()


def test_fine_tuned_directory_that_is_not_whole_is_named(finetuned_dir, tmp_path):
    model = tmp_path / "model"
    shutil.copytree(finetuned_dir, model)
    config = json.loads((model / "config.json").read_text())

    def refused(ours, words):
        (model / "config.json").write_text(json.dumps(config | {"kortf": config["kortf"] | ours}))
        with pytest.raises(InputError) as caught:
            saved_model.load_model(str(model))
        assert words in str(caught.value)

    refused({"task": "nsmd"}, "did you mean 'nsmc'?")
    refused({"task_settings": {"poolin": "cls"}}, "did you mean 'pooling'?")
    refused({"task_settings": []}, "is not an object")
    refused({"task_settings": {"pooling": "cls"}}, "the head of nsmc is missing")

"""A published head answers as the task that wrote it, and is scored on benchmarks of its kind."""

import json
import shutil

import numpy as np
import pytest
import tensorflow as tf
from safetensors.numpy import load_file, save_file

import kortf
from kortf import tasks
from kortf.errors import InputError
from kortf.export.encoders.encoding import windows
from kortf.pretrained.directory.inference import load_finetuned
from kortf.tasks.published import as_benchmark
from kortf.text.tokenizer.tokenizer import Tokenizer, load_tokenizer
from kortf.text.vocabulary.vocabulary import Vocabulary
from kortf.train.evaluation.scoring import Scorer
from kortf.train.results.finetuning_results import save_finetuned
from tests.harness.pretrained.random_models import BATCH, build, scatter

pytestmark = pytest.mark.usefixtures("quick_graphs")

LETTERS = "가나다라"
PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *LETTERS, *(f"##{c}" for c in LETTERS)]
TEXTS = ["가나 다라", "라 가 가가나", "나", "나라 라마 다나가 나"]
# Settings that transformers' heads have as well.
TASKS = {
    "text_classification": {"classes": ["나쁨", "보통", "좋음"], "pooling": "cls"},
    "text_pair": {"classes": ["나쁨", "좋음"], "pooling": "cls"},
    "multi_label": {"classes": ["기쁨", "슬픔", "놀람"], "pooling": "cls"},
    "regression": {"pooling": "cls"},
    "question_answering": {"max_trim": 0, "max_answer": 15},
    "token_classification": {"entity_labels": ["LC", "PS"], "crf": False},
}


def publish(directory, name: str, model=None, **settings):
    """Write a random model with the head of a task; return the directory, the encoder, the task.

    `directory / "ours"` is as kortf writes it. `directory / "theirs"` has no entry of kortf's in
    its `config.json`, as if transformers had written it.
    """
    encoder = build("bert", num_layers=1, max_length=16, **(model or {}))
    task = tasks.build(name, **TASKS[name] | settings)
    task.build(encoder.hidden_dim, 0.3, 0.1)
    scatter(task.head)
    vocabulary = Vocabulary("wordpiece", "\n".join(PIECES).encode(), {"do_lower_case": False})
    scorer = Scorer(encoder, task, Tokenizer(vocabulary), max_length=16)
    save_finetuned(str(directory / "ours"), scorer)
    shutil.copytree(directory / "ours", directory / "theirs")
    change(directory / "theirs", kortf=None)
    return directory / "theirs", encoder, task


def change(directory, **values) -> None:
    """Change entries of `config.json`; None removes one."""
    path = directory / "config.json"
    config = json.loads(path.read_text()) | values
    path.write_text(json.dumps({k: v for k, v in config.items() if v is not None}))


@pytest.mark.parametrize("name", [name for name in TASKS if name != "token_classification"])
def test_a_head_computes_what_was_published(tmp_path, name):
    directory, encoder, task = publish(tmp_path, name)
    found = load_finetuned(str(directory), tasks.build, pair=name == "text_pair")
    assert found.task.text_fields == task.text_fields and found.max_length == 16
    context = BATCH["segment_ids"] == 1
    batch = BATCH | {"context": context, "starts": np.int32(0 * context), "ends": np.int32(context)}
    ours = found.task.predict(found.encoder(BATCH), batch)
    np.testing.assert_array_equal(ours, task.predict(encoder(BATCH), batch))
    # Settings that describe it again describe the same.
    again = tasks.build(found.task.name, **found.task.settings())
    assert again.settings() == found.task.settings()
    if name in ("text_classification", "text_pair", "multi_label"):
        assert list(found.task.classes) == TASKS[name]["classes"]


def test_labels_and_numbers_of_heads_without_a_benchmark(tmp_path):
    task = tasks.build("published_multi_label", classes=["기쁨", "슬픔", "놀람"])
    found = task.decode({"scores": np.array([[-1.0, 2.0, 1.0]], np.float32)})
    answer = {name: value.numpy().tolist() for name, value in found.items()}
    assert answer["labels"] == [[b"", "슬픔".encode(), "놀람".encode()]]
    assert answer["label"] == ["슬픔".encode()]
    assert answer["score"] == [pytest.approx(1 / (1 + np.exp(-2)))]
    # A number of any size is a label: a published regression has no bounds.
    task = tasks.build("published_regression")
    assert task.example({"text": "가", "label": "-7.5"}, "a.tsv:1") == {"text": "가", "label": -7.5}
    path = tmp_path / "data.tsv"
    path.write_text("text\tlabel\n가나\t12\n", encoding="utf-8")
    assert [dict(row) for _, row in task.rows(str(path))] == [{"text": "가나", "label": "12"}]


def answers(directory) -> dict[str, tf.Tensor]:
    """Return the answers of a tagger to `TEXTS`, without a graph."""
    model, tokenizer = load_finetuned(str(directory), tasks.build), load_tokenizer(str(directory))
    task, texts = model.task, (tf.constant(TEXTS),)

    def decide(features):
        outputs = model.encoder(task.encoder_features(features))
        return task.decide(task.predict(outputs, features), features)

    rows = task.encode(tokenizer, texts, model.max_length)
    decisions = windows(decide, rows, tokenizer.vocabulary.pad_id)
    return task.decode(task.collect(decisions, rows, texts))


def test_tags_of_any_order_mean_the_same_entities(tmp_path):
    """The tags of a published model are permuted, renamed, and read as before."""
    directory, _, task = publish(tmp_path, "token_classification")
    tags = list(task.classes)
    assert tags == ["O", "B-LC", "I-LC", "B-PS", "I-PS"]
    order = [3, 0, 4, 2, 1]
    path = directory / "model.safetensors"
    tensors = load_file(path)
    for name in ("classifier.weight", "classifier.bias"):
        tensors[name] = np.ascontiguousarray(tensors[name][order])
    save_file(tensors, path, {"format": "pt"})
    turned = {tag: "-".join(reversed(tag.split("-"))) for tag in tags}  # PS-B, as some write it
    change(directory, id2label={i: turned[tags[j]] for i, j in enumerate(order)})
    expected, found = (answers(path) for path in (tmp_path / "ours", directory))
    for name in ("start", "end", "label", "text"):
        np.testing.assert_array_equal(found[name], expected[name])
    np.testing.assert_allclose(found["score"], expected["score"], atol=1e-6)
    assert set(found["label"].numpy().ravel()) - {b""} == {b"LC", b"PS"}


def test_labels_that_cannot_be_used_are_refused(tmp_path):
    directory, *_ = publish(tmp_path, "text_classification")

    def refused(place, **values):
        before = (directory / "config.json").read_text()
        change(directory, **values)
        with pytest.raises(InputError) as caught:
            load_finetuned(str(directory), tasks.build)
        assert caught.value.parts[0] == f"{directory}/config.json, {place}"
        (directory / "config.json").write_text(before)

    for labels in ({"0": "a", "1": "a"}, {"0": "a", "2": "b"}, ["a", "b"], {"0": 1, "1": "b"}):
        refused("id2label", id2label=labels)
    refused("num_labels", id2label=None, num_labels=True)
    refused("problem_type", problem_type="regression")
    change(directory, id2label=None, num_labels=3)
    assert load_finetuned(str(directory), tasks.build).task.classes == (
        "LABEL_0", "LABEL_1", "LABEL_2",
    )  # fmt: skip


USUAL = ["LABEL_0", "LABEL_1"]
KLUE_TAGS = [
    "O", *(f"{mark}-{label}" for label in ("PS", "LC", "OG", "DT", "TI", "QT") for mark in "BI"),
]  # fmt: skip


@pytest.mark.parametrize(
    "benchmark, name, settings, classes",
    [
        ("nsmc", "text_classification", {"classes": USUAL}, ("negative", "positive")),
        ("nsmc", "text_classification", {"classes": ["negative", "positive"]},
         ("negative", "positive")),
        ("multi_label", "published_multi_label", {"classes": ["슬픔", "기쁨"]}, ("슬픔", "기쁨")),
        ("klue_ner", "published_tagging", {"tags": KLUE_TAGS}, tuple(KLUE_TAGS)),
        ("korquad", "question_answering", {"max_trim": 0, "max_answer": 15}, None),
        ("korsts", "published_regression", {"pooling": "cls", "hidden": "tanh"}, None),
    ],
)  # fmt: skip
def test_a_head_stands_for_a_benchmark_of_its_kind(benchmark, name, settings, classes):
    task = as_benchmark(benchmark, name, **settings)
    assert task.name == benchmark
    assert classes is None or tuple(task.classes) == classes


@pytest.mark.parametrize(
    "benchmark, name, settings",
    [
        ("nsmc", "question_answering", {"max_trim": 0, "max_answer": 15}),
        ("nsmc", "published_regression", {}),
        ("korsts", "text_classification", {"classes": USUAL}),
        ("korquad", "published_tagging", {"tags": ["O", "B-PS"]}),
        ("nsmc", "text_classification", {"classes": [*USUAL, "LABEL_2"]}),
        # Scored as they are, good reviews would count as bad ones.
        ("nsmc", "text_classification", {"classes": ["positive", "negative"]}),
        ("klue_ner", "published_tagging", {"tags": [f"T-{tag}" for tag in KLUE_TAGS]}),
    ],
)
def test_a_head_of_another_kind_or_with_other_labels_is_refused(benchmark, name, settings):
    with pytest.raises(InputError) as caught:
        as_benchmark(benchmark, name, **settings)
    assert caught.value.parts[0] == f"--task={benchmark}"


def test_labels_with_other_names_are_reported(monkeypatch):
    told = []
    monkeypatch.setattr("absl.logging.warning", lambda text, *parts: told.append(text % parts))
    as_benchmark("nsmc", "text_classification", classes=["부정", "긍정"])
    assert told == ["labels 부정, 긍정 are read as negative, positive"]


@pytest.fixture
def big_bird(tmp_path):
    """Function that writes a model of `big_bird`, and returns its directory, encoder and task."""

    def make(classifier=True, **values):
        how = {"activation": "gelu_tanh", "pooler": not classifier}
        hidden = "gelu_tanh" if classifier else None
        directory, encoder, task = publish(tmp_path, "text_classification", how, hidden=hidden)
        tensors = load_file(directory / "model.safetensors")
        if classifier:  # kortf keeps this head in a file of its own
            tensors = {f"bert.{name}": value for name, value in tensors.items()}
            for theirs, ours in (("dense", task.head.hidden_dense), ("out_proj", task.head.dense)):
                tensors[f"classifier.{theirs}.weight"] = ours.kernel.numpy().T.copy()
                tensors[f"classifier.{theirs}.bias"] = ours.bias.numpy()
            (directory / "kortf_heads.safetensors").unlink()
        else:
            names = {
                f"bert.pooler.dense.{part}": f"bert.pooler.{part}" for part in ("weight", "bias")
            }
            tensors = {names.get(name, name): value for name, value in tensors.items()}
        save_file(tensors, directory / "model.safetensors", {"format": "pt"})
        kind = "ForSequenceClassification" if classifier else "ForPreTraining"
        change(directory, model_type="big_bird", architectures=[f"BigBird{kind}"], **values)
        return directory, encoder, task

    return make


def test_the_classifier_of_big_bird_has_a_layer_over_the_first_position(big_bird):
    directory, encoder, task = big_bird(attention_type="original_full")
    found = load_finetuned(str(directory), tasks.build)
    assert found.task.settings()["hidden"] == "gelu_tanh"
    ours = found.task.predict(found.encoder(BATCH), BATCH)
    np.testing.assert_array_equal(ours, task.predict(encoder(BATCH), BATCH))


def test_block_sparse_attention_is_computed_in_full_and_says_so(big_bird, monkeypatch):
    told = []
    monkeypatch.setattr("absl.logging.warning", lambda text, *parts: told.append(text % parts))
    directory, encoder, _ = big_bird(classifier=False, num_random_blocks=3, block_size=64)
    found = kortf.from_pretrained(directory)
    assert any("rows of more than 704 tokens" in line for line in told)  # (5 + 2 * 3) * 64
    for name in ("sequence", "pooled"):
        np.testing.assert_array_equal(found(BATCH)[name], encoder(BATCH)[name])
    # kortf writes it as `bert`, which computes the same.
    found.save_pretrained(directory.parent / "again")
    assert (
        json.loads((directory.parent / "again" / "config.json").read_text())["model_type"] == "bert"
    )
    change(directory, attention_type="sliding")
    with pytest.raises(InputError, match="attention_type"):
        kortf.from_pretrained(directory)

"""Every task there is: read, trained, scored, saved, loaded, served. It walks the folder."""

import importlib.util
import json
import pathlib

import numpy as np
import pytest
import tensorflow as tf

from kortf import discovery, models, tasks
from kortf.export.predictor import Predictor
from kortf.pretrained.directory.directory import save_pretrained
from kortf.tasks.task import Task
from kortf.text.vocabulary.loading import load_vocabulary
from kortf.train.assembly import make_trainer
from kortf.train.evaluation.scoring import write_evaluation
from kortf.train.examples import training_plan
from kortf.train.finetune import make_program
from kortf.train.inputs.finetuning_inputs import Sources, encode_parts, open_inputs
from kortf.train.optim.schedule import make_schedule
from kortf.train.results.finetuning_results import save_finetuned
from kortf.workdir import read_examples
from tests.harness.tasks import published

pytestmark = pytest.mark.usefixtures("quick_graphs")

ROOT = pathlib.Path(__file__).parents[3]
NAMES = discovery.names("kortf.tasks.benchmarks", Task)
A_KIND_EACH = (
    "nsmc", "korsts", "klue_ner", "klue_mrc", "klue_dp", "kobest_copa", "multi_label", "embedding",
)  # fmt: skip  # the others run in `make test-all`
each_task = pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name in A_KIND_EACH else [pytest.mark.exhaustive])
        for name in NAMES
    ],
)


@pytest.fixture(scope="module")
def tiny_dir(vocabulary_dir, tmp_path_factory):
    """Model directory with random weights, so large that texts get different answers."""
    vocabulary = load_vocabulary(str(vocabulary_dir))
    sizes = {"num_layers": 1, "num_heads": 1, "hidden_dim": 8, "max_length": 24, "init_scale": 0.3}
    encoder = models.build("bert", vocabulary_size=vocabulary.size, **sizes)
    directory = tmp_path_factory.mktemp("tiny") / "model"
    save_pretrained(directory, encoder, vocabulary)
    return directory


def smoke(name):
    path = ROOT / "configs" / "finetune" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"config_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    config = module.get_config("smoke")
    config.batch_size = 2
    config.task.test_file = config.task.test_file or (None if name != "embedding" else "test.tsv")
    return config


def test_every_task_has_rows_and_a_config():
    assert sorted(published.FILES) == sorted(NAMES)
    configs = {path.stem for path in (ROOT / "configs" / "finetune").glob("*.py")}
    assert set(NAMES) <= configs


@pytest.mark.parametrize("name", NAMES)
def test_files_are_read(name, tiny_dir, tmp_path):
    published.write(name, tmp_path / "data")
    inputs = open_inputs(
        smoke(name), Sources(str(tmp_path / "data"), str(tiny_dir), allow_unknown=True)
    )
    task = inputs.task
    assert task.name == name and task.text_fields
    for rows in inputs.splits.values():
        assert rows and all(isinstance(row[f], str) for row in rows for f in task.text_fields)


@each_task
def test_from_file_to_answer(name, tiny_dir, tmp_path):
    published.write(name, tmp_path / "data")
    config = smoke(name)
    inputs, program, parts = prepared(config, tmp_path / "data", tiny_dir)
    task = inputs.task

    # Trained for two steps by the program that trains everything.
    before = [value.numpy() for value in task.head.trainable_variables]
    train(config, program, parts)
    after = [value.numpy() for value in task.head.trainable_variables]
    moved = [np.abs(a - b).max() > 0 for a, b in zip(before, after, strict=True)]
    # A bias that all choices share does not change their probabilities, and two batches of
    # windows without an answer do not teach where answers end.
    spans = task.kind == "question_answering"
    some = task.kind == "multiple_choice" or (spans and not parts.train.labels[:, 0].all())
    assert all(moved) or (some and any(moved))

    # Scored, and its predictions written.
    test = inputs.splits["test"]
    found = parts.scorer.find(parts.scorer.encode(test))
    result = write_evaluation(str(tmp_path / "out"), task, found, test, {"split": "test"})
    assert task.main_metric in result["scores"]
    assert all(np.isfinite(value) for value in result["scores"].values())
    json.dumps(result)
    scored = read_examples(str(tmp_path / "out"))
    assert [row[task.text_fields[0]] for row in scored] == [
        row[task.text_fields[0]] for row in test
    ]
    assert all({"gold", "predicted", "score"} <= set(row) for row in scored)
    predictions = [
        path for path in (tmp_path / "out").iterdir() if path.name.startswith("predictions")
    ]
    assert len(predictions) == 1 and predictions[0].stat().st_size > 0

    # Saved and loaded: the same task, and it answers strings with what was scored.
    save_finetuned(str(tmp_path / "model"), parts.scorer)
    ours = json.loads((tmp_path / "model" / "config.json").read_text(encoding="utf-8"))["kortf"]
    assert tasks.build(ours["task"], **ours["task_settings"]).settings() == task.settings()
    predictor = Predictor(str(tmp_path / "model"))
    texts = [tuple(row[field] for field in task.text_fields) for row in test]
    answers = predictor(texts)
    decoded = task.decode({key: tf.constant(values) for key, values in found.items()})
    expected = {key: value.numpy() for key, value in decoded.items()}
    for place, (text, answer) in enumerate(zip(texts, answers, strict=True)):
        assert tuple(answer[name] for name in predictor.inputs) == text
        check_answer(answer, {key: value[place] for key, value in expected.items()})
    json.dumps(answers)


@each_task
def test_mixed_precision_has_the_loss_of_float32(name, tiny_dir, tmp_path):
    published.write(name, tmp_path)
    losses = {}
    for dtype in ("float32", "mixed_bfloat16"):
        config = smoke(name)
        config.dtype, config.seed = dtype, 1
        _, program, parts = prepared(config, tmp_path, tiny_dir)
        rows = parts.train
        plan = training_plan(rows.lengths, 2, 1)
        batch = next(iter(rows.dataset(lambda plan=plan: plan, 2)))
        with tf.GradientTape() as tape:
            loss = program.score(batch, None).losses["task"]
        gradients = tape.gradient(loss, list(program.variables().values()))
        found = [tf.convert_to_tensor(value) for value in gradients if value is not None]
        assert found and all(np.isfinite(value).all() for value in found)
        losses[dtype] = float(loss)
    assert losses["mixed_bfloat16"] == pytest.approx(losses["float32"], rel=0.05, abs=0.05)


def check_answer(answer: dict, expected: dict) -> None:
    """An answer says what scoring found; of spans, each is where it says."""
    for kind, name, text in (("entities", "text", "text"), ("answers", "answer", "context")):
        if kind in answer:
            real = [i for i, word in enumerate(expected[name]) if word]
            assert [span["start"] for span in answer[kind]] == [expected["start"][i] for i in real]
            for span, i in zip(answer[kind], real, strict=True):
                assert answer[text][span["start"] : span["end"]] == span[name]
                assert span["score"] == pytest.approx(float(expected["score"][i]), abs=1e-5)
                if "label" in span:
                    assert span["label"] == expected["label"][i].decode()
            return
    if "words" in answer:
        number = len(answer["words"])
        assert [word["head"] for word in answer["words"]] == expected["head"][:number].tolist()
        assert answer["words"][-1]["head"] == 0  # a head-final tree
        return
    if "state" in answer:
        real = [i for i, name in enumerate(expected["state"]) if name]
        assert list(answer["state"]) == [expected["state"][i].decode() for i in real]
        assert list(answer["state"].values()) == pytest.approx(expected["scores"][real], abs=1e-5)
        return
    if "labels" in answer:
        assert answer["labels"] == [name.decode() for name in expected["labels"] if name]
        return
    if "embedding" in answer:
        np.testing.assert_allclose(answer["embedding"], expected["embedding"], atol=1e-5)
        return
    assert answer["score"] == pytest.approx(float(expected["score"]), abs=1e-5)
    if "label" in expected:
        assert answer["label"] == expected["label"].decode()


def prepared(config, data, model):
    inputs = open_inputs(config, Sources(str(data), str(model), allow_unknown=True))
    program = make_program(config, inputs, tf.distribute.get_strategy())
    return inputs, program, encode_parts(config, inputs, program)


def train(config, program, parts, steps=2):
    devices = tf.distribute.get_strategy()

    def schedule(rate):
        return make_schedule(rate, steps, "linear", 0)

    trainer = make_trainer(config, program, devices, schedule)
    plan = training_plan(parts.train.lengths, config.batch_size, config.seed)
    dataset = parts.train.dataset(lambda: plan, config.batch_size)
    totals = trainer.train(iter(devices.experimental_distribute_dataset(dataset)), 0, steps)
    assert "bad_step" not in totals

"""The cards of trained models say what their work directories know, and nothing else."""

import json
from types import SimpleNamespace

import pytest
import yaml

from kortf import discovery
from kortf.download.catalogue import hub_datasets
from kortf.pretrained.card import card_text, place
from kortf.publish.hub_card import TASKS
from kortf.tasks import BENCHMARKS
from kortf.tasks.task import Task
from kortf.train.results.card_lines import named, title
from kortf.train.results.finetuning_card import finetuning_card
from kortf.train.results.pretraining_card import pretraining_card

NSMC_TEST = "8ac9f64052f11dbf6ae0acb5e038f03d90a76f0eda7820cfb3a92d02edfcebda"
CONFIG = {
    "batch_size": 32, "steps": 400, "seed": 7, "dtype": "float32", "max_length": 128,
    "optimizer": {"name": "adamw", "learning_rate": 2e-05, "clip_norm": 1.0},
    "schedule": {"name": "linear", "warmup_steps": 30}, "model": {"name": "bert"},
    "objectives": [{"name": "masked_lm", "rate": 0.15}], "task": {"name": "nsmc", "hidden": None},
    "r_drop": 1.0, "fgm": 0.0,
}  # fmt: skip
EVALUATION = {
    "task": "nsmc", "scores": {"accuracy": 0.87654321, "macro_f1": 1e-05}, "split": "test",
    "protocol": "honest: the dev part chose the epoch", "epoch": 2, "epochs": 3,
    "dev": {"accuracy": 0.88}, "counts": {"train": 950, "test": 1250}, "seed": 7,
    "data": {"ratings_test.txt": NSMC_TEST}, "training_seconds": 65.0,
}  # fmt: skip
TASK = SimpleNamespace(name="nsmc", kind="classifier")


def workdir(tmp_path):
    """A work directory with what the cards are made of."""
    directory = tmp_path / "my-run"
    directory.mkdir()
    written = {
        "versions": {"kortf": "0.1.0", "keras": "3.15.1"}, "config": CONFIG,
        "inputs": {"init_from": "/home/minsu/runs/bert/model"},
    }  # fmt: skip
    (directory / "config.json").write_text(json.dumps(written))
    lines = [
        {"step": 300, "time": 1.0, "loss": 5.0, "masked_accuracy": 0.125, "padding": 0.1},
        {"step": 300, "time": 1.0, "eval/masked_lm_loss": 4.5},
        {"step": 300, "time": 1.0, "warning": "x", "text": "y"},
    ]
    (directory / "metrics.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return str(directory)


def split(card, config) -> tuple[dict, str]:
    _, front, text = card_text(card, config, {}).split("---\n", 2)
    return yaml.safe_load(front), text


def test_figures_of_a_fine_tuning_are_those_of_eval_json(tmp_path):
    config = {"architectures": ["BertForSequenceClassification"], "model_type": "bert"}
    front, text = split(finetuning_card(workdir(tmp_path), TASK, EVALUATION), config)
    assert front["datasets"] == ["e9t/nsmc"] and front["metrics"] == ["accuracy", "macro_f1"]
    assert front["pipeline_tag"] == "text-classification"
    (index,) = front["model-index"]
    (result,) = index["results"]
    assert index["name"] == "my-run" and result["task"]["type"] == "text-classification"
    assert result["dataset"] == {"type": "e9t/nsmc", "name": "nsmc", "split": "test"}
    scores = {metric["type"]: metric["value"] for metric in result["metrics"]}
    assert scores == EVALUATION["scores"]
    assert "| accuracy | 0.8765 |" in text and "test, 1,250 examples" in text
    for line in (
        "- protocol: honest: the dev part chose the epoch", "- seed: 7", "- r_drop: 1.0",
        "- epochs: 3; epoch 2 was chosen",
        "- optimizer: adamw (learning_rate 2e-05, clip_norm 1.0)",
        "- started from: bert/model", "- time: 1 min 5 s", "- on the dev part: accuracy 0.8800",
    ):  # fmt: skip
        assert line in text, line
    assert "fgm" not in text and "/home" not in text


@pytest.mark.parametrize("config", [{}, {"architectures": ["BertModel"]}], ids=["own", "bert"])
def test_every_head_has_its_task_on_the_hub(config, tmp_path):
    names = discovery.names(BENCHMARKS)
    kinds = {discovery.find(BENCHMARKS, name, Task).kind for name in names}
    expected = {
        "classifier": "text-classification", "multi_label": "text-classification",
        "regression": "text-classification", "dialogue_state": "text-classification",
        "token_classifier": "token-classification", "dependency_parser": "token-classification",
        "question_answering": "question-answering", "multiple_choice": "multiple-choice",
        "embedding": "sentence-similarity",
    }  # fmt: skip
    assert kinds == set(expected)
    directory = workdir(tmp_path)
    for kind, tag in expected.items():
        task = SimpleNamespace(name="nsmc", kind=kind)
        front, _ = split(finetuning_card(directory, task, EVALUATION), config)
        assert front["pipeline_tag"] == tag and tag in TASKS
        assert (front["library_name"] == "sentence-transformers") == (kind == "embedding")


def test_files_that_nobody_has_published_name_no_data_set(tmp_path):
    own = EVALUATION | {"data": {"ratings_test.txt": "0" * 64}}
    front, _ = split(finetuning_card(workdir(tmp_path), TASK, own), {})
    assert "datasets" not in front
    assert front["model-index"][0]["results"][0]["dataset"]["type"] == "nsmc"
    assert hub_datasets([NSMC_TEST, "0" * 64, NSMC_TEST]) == ["e9t/nsmc"]


def test_card_of_a_pretraining(tmp_path):
    info = SimpleNamespace(
        input=[{"file": "/data/kowiki/a.txt", "bytes": 1234}], documents=5, sentences=60,
        records=4800, tokens=614400, seq_length=128, pairing="none", key="abc",
    )  # fmt: skip
    vocabulary = SimpleNamespace(kind="wordpiece", size=4000, lowercase=True, remove=())
    state = SimpleNamespace(step=300, seconds=3725.0, tokens=1_200_000.0)
    directory = workdir(tmp_path)
    config = {"architectures": ["ElectraForPreTraining"], "model_type": "electra"}
    card = pretraining_card(directory, info, vocabulary, state, 1)
    front, text = split(card, config)
    assert front["tags"] == ["kortf", "electra", "masked_lm"] and "model-index" not in front
    for line in (
        "# my-run", "- text: a.txt (1,234 bytes)", "- documents: 5, with 60 sentences",
        "- records: 4,800 records of up to 128 tokens, 614,400 in all",
        "- vocabulary: WordPiece, 4,000 pieces, lower-cased",
        "- objectives: masked_lm (rate 0.15)",
        "- steps: 300 of the 400 that were planned, 2.00 passes over the records",
        "- tokens: 1,200,000, without padding", "| masked_lm_loss | 4.5000 |",
        "| masked_accuracy | 0.1250 |", "- time: 1 h 2 min on 1 replica(s)",
    ):  # fmt: skip
        assert line in text, line
    assert "padding |" not in text and "/data" not in text
    beside = pretraining_card(directory, info, vocabulary, state, 1, "generator")
    assert beside.title == "my-run, generator" and "its generator" in beside.about


def test_names():
    assert named({"name": "adamw", "learning_rate": 0.001, "clip": None}) == (
        "adamw (learning_rate 0.001)"
    )
    assert title("runs/nsmc") == "nsmc" and title("runs/nsmc/seed-1/") == "nsmc, seed-1"
    assert place("/home/minsu/runs/bert/model") == "bert/model" and place(None) is None

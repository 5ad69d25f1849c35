"""Work directories as runs leave them, written in a moment."""

import json

import numpy as np
import pytest
import safetensors.numpy

MODEL = {"name": "bert", "num_layers": 6, "hidden_dim": 256, "num_heads": 4, "max_length": 128}
REVIEWS = [("굳 ㅋ", 1), ('그는 "왕"이다', 0), ("별로 | <b>최악</b>", 0)]
CLASSES = ["negative", "positive"]
TEST_FILE = "ratings_test.txt"


def write_lines(path, lines) -> None:
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    path.write_text(text, encoding="utf-8")


def write_state(directory, step: int, seconds: float, tokens: float) -> None:
    directory.mkdir(exist_ok=True)
    state = {"step": step, "seconds": seconds, "tokens": tokens, "best_step": -1}
    data = safetensors.numpy.save({"w": np.zeros(3, np.float32)}, {"state": json.dumps(state)})
    (directory / f"step-{step:08d}.safetensors").write_bytes(data)


@pytest.fixture
def make_pretraining(tmp_path):
    """Makes a pretraining of 100 steps, 4 intervals of 10 seconds."""

    def make(name="bert", done=100, seed=0, loss=4.0, objective="masked_lm"):
        directory = tmp_path / name
        directory.mkdir()
        config = {"seed": seed, "steps": 100, "batch_size": 4, "model": MODEL}
        config["objectives"] = [{"name": objective}]
        written = {"config": config, "inputs": {"records": "r", "init_from": None}}
        (directory / "config.json").write_text(json.dumps(written))
        write_lines(directory / "metrics.jsonl", [
            {"step": step, f"{objective}_loss": loss + (100 - step) / 25, "masked_accuracy": 0.25,
             "loss": loss + (100 - step) / 25, "tokens_per_second": 1000.0, "padding": 0.0}
            for step in range(25, done + 1, 25)
        ])  # fmt: skip
        if done == 100:
            write_state(directory / "checkpoints", 100, 40.0, 40_000.0)
            (directory / "model").mkdir()
            tensors = {"a": np.zeros((3, 4), np.float32), "b": np.zeros(5, np.float32)}
            data = safetensors.numpy.save(tensors)
            (directory / "model" / "model.safetensors").write_bytes(data)
            (directory / "model" / "config.json").write_text('{"model_type": "bert"}')
        return directory

    return make


@pytest.fixture
def make_finetuning(tmp_path):
    """Makes a fine-tuning on film reviews, of 2 epochs with 40 steps each."""

    def make(name="nsmc", seed=1, accuracy=0.8, init_from=None, answers="101", rows=None, **config):
        directory = tmp_path / name
        directory.mkdir()
        config = {"seed": seed, "epochs": 2, "batch_size": 4, "model": {}, **config}
        config["task"] = {"name": "nsmc", "pooling": "max"}
        written = {"config": config, "inputs": {"init_from": str(init_from or "there/model")}}
        (directory / "config.json").write_text(json.dumps(written))
        write_lines(directory / "metrics.jsonl", [
            {"step": 30, "task_loss": 0.6, "loss": 0.6, "tokens_per_second": 10.0},
            {"step": 40, "eval/accuracy": 0.7, "eval/macro_f1": 0.7},
            {"step": 60, "task_loss": 0.4, "loss": 0.4, "tokens_per_second": 10.0},
            {"step": 80, "task_loss": 0.2, "loss": 0.2, "tokens_per_second": 10.0},
            {"step": 80, "eval/accuracy": 0.9, "eval/macro_f1": 0.9},
        ])  # fmt: skip
        evaluation = {
            "task": "nsmc", "scores": {"accuracy": accuracy, "macro_f1": accuracy - 0.1},
            "split": "test", "protocol": "honest: the dev part chose the epoch", "epoch": 2,
            "epochs": 2, "dev": {"accuracy": 0.9}, "seed": seed, "training_seconds": 90.0,
            "counts": {"train": 5, "test": 3, "dev": 2},
            "data": {"ratings_train.txt": "0", TEST_FILE: "1"},
        }  # fmt: skip
        (directory / "eval.json").write_text(json.dumps(evaluation))
        if rows is None:
            rows = [
                {"text": text, "gold": CLASSES[gold], "predicted": CLASSES[a], "score": 0.75}
                for (text, gold), a in zip(REVIEWS, map(int, answers), strict=True)
            ]
        write_lines(directory / "examples.jsonl", rows)
        (directory / "model").mkdir()
        model = {"id2label": {"0": "negative", "1": "positive"}, "model_type": "bert"}
        (directory / "model" / "config.json").write_text(json.dumps(model))
        return directory

    return make

"""Several seeds: one run each, their summary, and a second start that continues."""

import json

import numpy as np
import pytest

from kortf.cli.main import run_verb
from tests.harness.tasks import published

pytestmark = pytest.mark.usefixtures("quick_graphs")


def finetune(directory, pretrained, *more, task="text_classification"):
    if not (directory / "data").exists():
        published.write(task, directory / "data")
    argv = [f"--config=configs/finetune/{task}.py:smoke", f"--data={directory}/data"]
    return run_verb("finetune", [*argv, f"--init_from={pretrained}", *more])


@pytest.mark.exhaustive
@pytest.mark.text
def test_each_seed_is_what_it_would_be_alone(pretrained_dir, tmp_path, capsys):
    both = f"--workdir={tmp_path}/both"
    assert finetune(tmp_path, pretrained_dir, both, "--seeds=3,4") == 0
    assert "(2 seeds)" in capsys.readouterr().out
    assert finetune(tmp_path, pretrained_dir, f"--workdir={tmp_path}/four", "--config.seed=4") == 0
    summary = json.loads((tmp_path / "both" / "seeds.json").read_text())
    assert summary["seeds"] == [3, 4] and summary["protocol"].startswith("honest: ")
    alone, second = (
        (path / "model" / "model.safetensors").read_bytes()
        for path in (tmp_path / "four", tmp_path / "both" / "seed-4")
    )
    assert alone == second
    scores = json.loads((tmp_path / "four" / "eval.json").read_text())["scores"]
    values = {name: score["values"][1] for name, score in summary["scores"].items()}
    np.testing.assert_equal(values, scores)

    # Once more, with a third: what is there stays, and the new one comes to it.
    before = (tmp_path / "both" / "seed-3" / "metrics.jsonl").read_bytes()
    assert finetune(tmp_path, pretrained_dir, both, "--seeds=3,4,5") == 0
    assert (tmp_path / "both" / "seed-3" / "metrics.jsonl").read_bytes() == before
    assert json.loads((tmp_path / "both" / "seeds.json").read_text())["seeds"] == [3, 4, 5]


@pytest.mark.text
def test_the_published_protocol_chooses_on_the_test_part_and_says_so(pretrained_dir, tmp_path):
    more = [f"--workdir={tmp_path}/run", "--protocol=koelectra", "--config.epochs=3"]
    assert finetune(tmp_path, pretrained_dir, *more) == 0
    result = json.loads((tmp_path / "run" / "eval.json").read_text())
    assert result["protocol"].startswith("koelectra: the epoch that scored best on the test part")
    assert result["counts"] == {"train": 9, "test": 9} and result["dev"] == {}
    lines = (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()
    epochs = [json.loads(line) for line in lines if "eval/macro_f1" in line]
    best = max(line["eval/macro_f1"] for line in epochs)
    assert result["scores"]["macro_f1"] == pytest.approx(best, abs=1e-6)  # metrics are rounded
    assert len(epochs) == 3


def test_what_cannot_be_is_named(pretrained_dir, tmp_path, capsys):
    def error(*more):
        assert finetune(tmp_path, pretrained_dir, f"--workdir={tmp_path}/run", *more) == 2
        return capsys.readouterr().err

    assert "--seeds=a: not a whole number" in error("--seeds=1,a")
    assert "a seed is given twice" in error("--seeds=1,1")
    assert "choose one of honest, koelectra" in error("--protocol=best")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.json").write_text("{}")
    assert "work directory of a single run" in error("--seeds=1,2")

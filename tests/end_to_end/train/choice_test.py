"""How a fine-tuning chooses its step, gets more epochs, and learns from a teacher."""

import json

import numpy as np
import pytest
import safetensors.numpy

from kortf.cli.main import run_verb
from tests.harness.tasks import published

pytestmark = [pytest.mark.text, pytest.mark.usefixtures("quick_graphs")]


@pytest.fixture(scope="module")
def finetune(tmp_path_factory, pretrained_dir):
    data = tmp_path_factory.mktemp("data")
    published.write("text_classification", data)

    def run(workdir, *more):
        argv = ["--config=configs/finetune/text_classification.py:smoke", f"--data={data}"]
        argv += [f"--init_from={pretrained_dir}", f"--workdir={workdir}", "--config.batch_size=4"]
        return run_verb("finetune", [*argv, *more])

    return run


@pytest.fixture(scope="module")
def chosen(finetune, tmp_path_factory):
    workdir = tmp_path_factory.mktemp("chosen")
    more = ["--config.eval_every=2", "--config.metric=accuracy", "--config.keep_best=2"]
    more += ["--config.freeze_embeddings=True", "--config.optimizer.beta_2=0.98"]
    more += ["--config.schedule.name=constant", "--config.log_every=1"]
    assert finetune(workdir, *more, "--config.epochs=2") == 0
    return workdir, more


def evaluation(workdir) -> dict:
    return json.loads((workdir / "eval.json").read_text())


def model(workdir) -> dict:
    return safetensors.numpy.load_file(workdir / "model" / "model.safetensors")


def test_the_step_is_chosen_by_the_score_that_is_asked_for(chosen, pretrained_dir):
    workdir, _ = chosen
    result = evaluation(workdir)
    lines = [json.loads(line) for line in (workdir / "metrics.jsonl").read_text().splitlines()]
    scores = {line["step"]: line["eval/accuracy"] for line in lines if "eval/accuracy" in line}
    assert list(scores) == [2, 4] and result["metric"] == "accuracy"
    assert result["step"] == max(scores, key=scores.get)
    assert result["dev"] == {"accuracy": pytest.approx(scores[result["step"]], abs=1e-6)}
    assert result["epoch"] == result["step"] // 2 and "dev_standard_error" in result
    assert len(result["best"]) == 2 and (workdir / "best" / "2" / "model.safetensors").exists()
    before = safetensors.numpy.load_file(pretrained_dir / "model.safetensors")
    after = model(workdir)
    name = "bert.embeddings.word_embeddings.weight"
    assert np.array_equal(before[name], after[name])  # frozen


@pytest.mark.exhaustive
def test_a_finished_run_gets_more_epochs(finetune, chosen, capsys):
    workdir, more = chosen
    assert finetune(workdir, *more, "--config.epochs=2") == 0
    assert "this run is finished" in capsys.readouterr().err
    assert finetune(workdir, *more, "--config.epochs=1") == 2
    assert "config.epochs" in capsys.readouterr().err
    assert finetune(workdir, *more, "--config.epochs=3") == 0
    assert "from step 4 on" in capsys.readouterr().err
    result = evaluation(workdir)
    assert result["epochs"] == 3 and result["extended"] == [[2, 4]]


@pytest.mark.exhaustive
def test_more_epochs_are_those_of_a_longer_run(finetune, chosen, tmp_path):
    workdir, more = chosen
    assert finetune(workdir, *more, "--config.epochs=3") == 0
    result = evaluation(workdir)
    # With a constant schedule, it is the run that had three epochs from the start.
    assert finetune(tmp_path, *more, "--config.epochs=3") == 0
    assert evaluation(tmp_path)["best"] == result["best"]
    whole = model(tmp_path)
    assert all(np.array_equal(value, whole[name]) for name, value in model(workdir).items())


def test_a_score_that_the_task_does_not_have_is_refused(finetune, tmp_path, capsys):
    assert finetune(tmp_path / "run", "--config.metric=acuracy") == 2
    error = capsys.readouterr().err
    assert "config.metric=acuracy: " in error and "accuracy" in error
    assert not (tmp_path / "run").exists()


@pytest.mark.exhaustive
def test_folds_are_disjoint_and_summarized(finetune, tmp_path, capsys):
    assert finetune(tmp_path / "run", "--folds=2") == 0
    summary = json.loads((tmp_path / "run" / "folds.json").read_text())
    assert summary["folds"] == 2 and list(summary["dev"]) == ["macro_f1"]
    counts = [evaluation(tmp_path / "run" / f"fold-{fold}")["counts"] for fold in (0, 1)]
    assert [each["dev"] for each in counts] == [4, 5]
    assert all(each["train"] + each["dev"] == 9 for each in counts)
    assert finetune(tmp_path / "other", "--folds=2", "--seeds=1,2") == 2
    assert "--folds: " in capsys.readouterr().err


def test_a_student_learns_from_a_teacher(finetune, chosen, tmp_path, capsys):
    workdir, _ = chosen
    teacher = f"--teacher={workdir}/model"
    more = [teacher, "--config.student_layers=1", "--config.distillation.hidden=1.0"]
    more += ["--config.distillation.attention=1.0", "--config.log_every=1"]
    assert finetune(tmp_path / "student", *more) == 0
    lines = (tmp_path / "student" / "metrics.jsonl").read_text().splitlines()
    first = json.loads(lines[0])
    names = ("task_loss", "soft_labels_loss", "hidden_loss", "attention_loss")
    assert first["loss"] == pytest.approx(
        0.5 * first[names[0]] + 0.5 * first[names[1]] + first[names[2]] + first[names[3]], rel=1e-4
    )
    config = json.loads((tmp_path / "student" / "model" / "config.json").read_text())
    assert config["num_hidden_layers"] == 1
    card = (tmp_path / "student" / "model" / "README.md").read_text()
    assert "teacher" in card and "temperature 2.0" in card
    inputs = json.loads((tmp_path / "student" / "config.json").read_text())["inputs"]
    assert inputs["teacher"] == f"{workdir}/model" and len(inputs["teacher_hash"]) == 64

    def refused(place, *more):
        assert finetune(tmp_path / "refused", *more) == 2
        assert place in capsys.readouterr().err
        assert not (tmp_path / "refused").exists()

    refused("config.distillation.temperature: ", "--config.distillation.temperature=4.0")
    refused("config.student_layers=2: ", "--config.student_layers=2")

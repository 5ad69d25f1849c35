"""Benchmarks of pairs and of numbers, from the command line: trained, scored, exported, asked."""

import contextlib
import io
import json

import pytest

from kortf.cli.main import run_verb
from tests.harness.tasks import published

pytestmark = pytest.mark.usefixtures("quick_graphs")


def finetune(task, directory, pretrained, *more):
    published.write(task, directory / "data")
    argv = [f"--config=configs/finetune/{task}.py:smoke", f"--data={directory}/data"]
    argv += [f"--init_from={pretrained}", f"--workdir={directory}/run", *more]
    return run_verb("finetune", argv)


BROKEN = {name: text + "망가진 줄\n" for name, text in published.FILES["korsts"].items()}


@pytest.fixture(scope="module")
def similarity(pretrained_dir, tmp_path_factory):
    """Work directory and output of a fine-tuning on files with one broken row each."""
    directory, printed = tmp_path_factory.mktemp("korsts"), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(printed):
        patch.setitem(published.FILES, "korsts", BROKEN)
        assert finetune("korsts", directory, pretrained_dir, "--skip_bad_rows") == 0
    return directory, printed.getvalue()


def test_a_number_is_scored_exported_and_asked_for(similarity, capsys):
    similarity, _ = similarity
    result = json.loads((similarity / "run" / "eval.json").read_text())
    assert set(result["scores"]) == {"spearman", "pearson"}
    assert result["counts"] == {"train": 9, "test": 9, "dev": 9}
    config = json.loads((similarity / "run" / "model" / "config.json").read_text())
    assert len(config["id2label"]) == 1  # so transformers takes it for a regression

    model, data = similarity / "run" / "model", similarity / "data" / "sts-test.tsv"
    argv = [f"--model={model}", "--task=korsts", f"--data={data}", f"--output={similarity}/again"]
    argv.append("--skip_bad_rows")
    assert run_verb("evaluate", argv) == 0
    assert (
        json.loads((similarity / "again" / "eval.json").read_text())["scores"] == (result["scores"])
    )
    capsys.readouterr()
    assert run_verb("export", [f"--model={model}", f"--output={similarity}/saved"]) == 0
    words = capsys.readouterr().out.split()
    for name, kind in (("text", "string"), ("text_pair", "string"), ("score", "float32")):
        assert words[words.index(name) + 1 :][:2] == [kind, "[batch]"]

    (similarity / "pairs.txt").write_text("비가 온다.\t날이 맑다.\n\t\n", encoding="utf-8")
    answers = []
    for source in (model, similarity / "saved"):
        assert run_verb("predict", [f"--model={source}", f"--input={similarity}/pairs.txt"]) == 0
        answers.append([json.loads(line) for line in capsys.readouterr().out.splitlines()])
    assert [sorted(row) for row in answers[0]] == [["score", "text", "text_pair"]] * 2
    for one, other in zip(*answers, strict=True):
        assert one["score"] == pytest.approx(other["score"], abs=1e-5)


def test_a_dry_run_summarizes_estimates_and_writes_nothing(pretrained_dir, tmp_path, capsys):
    assert finetune("korsts", tmp_path, pretrained_dir, "--dry_run") == 0
    printed = capsys.readouterr().out
    assert "train: 9 examples" in printed
    assert all(f"\n{name}: " in printed for name in ("weights", "time", "memory", "disk"))
    assert not (tmp_path / "run").exists()


def test_no_model_to_start_from(tmp_path, capsys):
    assert finetune("korsts", tmp_path, tmp_path / "nowhere") == 2
    assert "nowhere: there is no such model directory" in capsys.readouterr().err


@pytest.mark.exhaustive
def test_settings_of_a_task_come_from_flags(pretrained_dir, tmp_path):
    more = ["--config.task.train_file=dev_2k.tsv", "--config.task.dev_file="]
    assert finetune("paws", tmp_path, pretrained_dir, *more) == 0
    result = json.loads((tmp_path / "run" / "eval.json").read_text())
    assert sorted(result["data"]) == ["dev_2k.tsv", "test_2k.tsv"]
    assert result["counts"] == {"train": 5, "test": 6, "dev": 1}
    assert result["dropped"] == {"dev_2k.tsv": 6, "test_2k.tsv": 6}


def test_bad_rows_end_the_run_or_are_passed_over(similarity, pretrained_dir, tmp_path, capsys):
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(published.FILES, "korsts", BROKEN)
        assert finetune("korsts", tmp_path, pretrained_dir) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "sts-train.tsv, line 11: 1 fields where 7" in error
    directory, printed = similarity
    assert "sts-train.tsv: 1 bad rows skipped" in printed
    result = json.loads((directory / "run" / "eval.json").read_text())
    assert result["bad_rows"]["sts-test.tsv"]["count"] == 1

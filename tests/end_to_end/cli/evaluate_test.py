"""kortf evaluate, from the command line."""

import json

import pytest

from kortf.cli.main import run_verb

pytestmark = pytest.mark.usefixtures("quick_graphs")


@pytest.fixture(scope="module")
def nsmc(sample, tmp_path_factory):
    """Some rows of the sample, so that training takes a moment."""
    directory = tmp_path_factory.mktemp("nsmc")
    for name, rows in (("ratings_train.txt", 65), ("ratings_test.txt", 41)):
        with open(sample / "nsmc" / name, encoding="utf-8") as file:
            lines = file.readlines()[:rows]
        (directory / name).write_text("".join(lines), encoding="utf-8")
    return directory


def test_score_is_the_one_that_fine_tuning_wrote(nsmc, pretrained_dir, tmp_path, capsys):
    argv = ["--config=configs/finetune/nsmc.py:smoke", "--config.dtype=mixed_bfloat16"]
    argv += [f"--data={nsmc}", f"--init_from={pretrained_dir}", f"--workdir={tmp_path}/run"]
    assert run_verb("finetune", argv) == 0
    capsys.readouterr()
    argv = [f"--model={tmp_path}/run/model", "--task=nsmc", f"--data={nsmc}/ratings_test.txt"]
    assert run_verb("evaluate", [*argv, f"--output={tmp_path}/again"]) == 0
    first, again = (json.loads((tmp_path / d / "eval.json").read_text()) for d in ("run", "again"))
    assert again["scores"] == first["scores"]
    assert again["split"] == "test" and again["counts"] == {"test": 40}
    predictions = [(tmp_path / d / "predictions.tsv").read_bytes() for d in ("run", "again")]
    assert predictions[0] == predictions[1]
    assert f"accuracy {first['scores']['accuracy']:.4f}" in capsys.readouterr().out


def test_faults_are_one_line(finetuned_dir, pretrained_dir, nsmc, tmp_path, capsys):
    def fails(words, **flags):
        given = {"model": finetuned_dir, "task": "nsmc", "data": nsmc / "ratings_test.txt"} | flags
        argv = [f"--{name}={value}" for name, value in given.items()]
        assert run_verb("evaluate", [*argv, f"--output={tmp_path}/out"]) == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1 and words in error
        assert not (tmp_path / "out").exists()

    fails("was fine-tuned on nsmc; name that task", task="korquad")
    fails("not a fine-tuned model", model=pretrained_dir)
    fails("no such file", data=nsmc / "absent.txt")
    (tmp_path / "bad.txt").write_text("id\tdocument\tlabel\n1\t좋다\n")
    fails("bad.txt, line 2: 2 fields where 3 are expected", data=tmp_path / "bad.txt")

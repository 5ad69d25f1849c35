"""Model paths are checked before TensorFlow is imported."""

import pytest

from kortf.cli.flags import model_paths
from kortf.cli.flags.model_paths import check_model, nearest_path
from kortf.cli.main import run
from kortf.errors import InputError


@pytest.fixture
def runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model = tmp_path / "runs" / "nsmc" / "model"
    model.mkdir(parents=True)
    (model / "config.json").write_text("{}")
    return tmp_path


@pytest.mark.parametrize(
    "path, near",
    [
        ("runs/nmsc/model", "runs/nsmc/model"),
        ("run/nsmc/model", "runs/nsmc/model"),
        ("runs/nsmc/modle", "runs/nsmc/model"),
        ("./runs/nsm", "runs/nsmc/model"),
        ("zzz/model", None),
    ],
)
def test_nearest_path(runs, path, near):
    assert nearest_path(path) == near
    with pytest.raises(InputError) as error:
        check_model(path, "--model")
    assert (near or "path") in error.value.parts[2]


def test_models_of_all_kinds_pass(runs):
    check_model("runs/nsmc/model", "--model")
    (runs / "bert_model.ckpt.index").write_text("")
    check_model("bert_model.ckpt", "--model")
    check_model(".", "--model")


def test_a_work_directory_names_its_model(runs):
    with pytest.raises(InputError, match="runs/nsmc/model"):
        check_model("runs/nsmc", "--model")


def test_a_name_of_the_hub_gets_the_download_command(runs):
    with pytest.raises(InputError, match="kortf download model klue/bert-base --output="):
        check_model("klue/bert-base", "--model")


def test_cloud_storage_without_a_network_is_one_line(monkeypatch):
    def refuse(*_, **__):
        raise OSError("Network is unreachable")

    for name in model_paths._OTHER_ROUTES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(model_paths.socket, "create_connection", refuse)
    with pytest.raises(InputError, match="^--model: storage.googleapis.com"):
        check_model("gs://bucket/model", "--model")


@pytest.mark.parametrize(
    "argv",
    [
        ["predict", "--input=x"],
        ["evaluate", "--task=nsmc", "--data=x", "--output=o"],
        ["export", "--output=o"],
        ["convert", "--to=keras_hub", "--output=o"],
        ["generate", "--prompt=가"],
    ],
)
def test_verbs_check_before_they_import(runs, capsys, argv):
    """The tier itself fails a test that imports TensorFlow."""
    assert run([*argv, "--model=runs/nmsc/model"]) == 2
    error = capsys.readouterr().err
    assert (
        error.startswith(f"kortf {argv[0]}: --model=runs/nmsc/model: ") and error.count("\n") == 1
    )


def test_averaging_and_fine_tuning_check_their_models_too(runs, capsys):
    assert run(["average", "--models=runs/nsmc/model,runs/nmsc/model", "--output=o"]) == 2
    assert "--models=runs/nmsc/model" in capsys.readouterr().err
    argv = ["--config=nsmc:smoke", "--data=d", "--workdir=w", "--init_from=runs/nmsc/model"]
    assert run(["finetune", *argv]) == 2
    assert "--init_from=runs/nmsc/model" in capsys.readouterr().err

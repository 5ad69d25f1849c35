"""Runs in MLflow: what is in them, how they go on, what happens when it is away."""

import json
import pathlib
import time

import pytest

from kortf import files
from kortf.cli.main import run_verb
from kortf.errors import InputError
from kortf.train.loop.progress import Progress

mlflow = pytest.importorskip("mlflow", reason="the `mlflow` extra is not installed")

from kortf.train.tracking.metrics_lines import metrics_of  # noqa: E402
from kortf.train.tracking.mlflow_client import (  # noqa: E402
    connect,
    first_line,
    local_store,
    without_password,
)
from kortf.train.tracking.mlflow_parent import MlflowParent  # noqa: E402
from kortf.train.tracking.mlflow_tracker import MlflowTracker, parameters  # noqa: E402
from kortf.train.tracking.outbox import Outbox  # noqa: E402

CONFIG = {
    "versions": {"kortf": "1"},
    "config": {"steps": 20, "objectives": [{"name": "masked_lm", "rate": 0.15}]},
    "inputs": {"dev.tsv[:40]": "abc"},
}


@pytest.fixture(autouse=True)
def no_address(monkeypatch):
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME", "MLFLOW_EXPERIMENT_ID"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def workdir(tmp_path):
    directory = tmp_path / "공백 있는 run"
    directory.mkdir()
    files.write_json(str(directory / "config.json"), CONFIG)
    return directory


def train(workdir, steps, first_step=0, **values):
    """Report a step at a time, as a training does, to an MLflow run."""
    with MlflowTracker(str(workdir), "kortf pretrain") as tracker:
        progress = Progress(str(workdir), 20, first_step, tracker)
        for step in steps:
            progress.train(step, {"loss": 10.0 - step, **values}, 1.0, 1, 10.0, 20.0)
        return tracker


def run_of(workdir, uri=None):
    client = connect(uri or local_store(str(workdir)))
    (run_id,) = set(files.read_json(str(workdir / "mlflow.json")).values())
    return client, client.get_run(run_id)


def history(client, run, name):
    return [(m.step, m.value) for m in client.get_metric_history(run.info.run_id, name)]


def test_parameters_are_flat_and_named_as_mlflow_asks():
    description = {"config": {"steps": 24, "objectives": [{"name": "masked_lm"}]}}
    expected = {"config.steps": "24", "config.objectives.0.name": "masked_lm"}
    assert parameters(description) == expected
    assert parameters(CONFIG)["inputs.dev.tsv__40_"] == "abc"


def test_metrics_have_the_names_of_tensorboard():
    assert metrics_of({"step": 10, "time": 1.5, "loss": 2.5, "rtd_auc": None}) == {
        "train/loss": 2.5
    }
    evaluation = {"step": 10, "time": 1.5, "eval/masked_lm_loss": 2.0}
    assert metrics_of(evaluation) == {"eval/masked_lm_loss": 2.0}
    assert metrics_of({"step": 10, "eval/f1(인물)": 0.5}) == {"eval/f1_인물_": 0.5}
    assert metrics_of({"step": 10, "warning": "masked_share", "text": "look there"}) == {}


def test_a_run_has_parameters_metrics_and_results(workdir):
    (workdir / "model").mkdir()
    (workdir / "model" / "config.json").write_text("{}")
    (workdir / "model" / "model.safetensors").write_text("large")
    result = {"scores": {"accuracy": 0.75}, "split": "test", "epoch": 2}
    files.write_json(str(workdir / "eval.json"), result)
    train(workdir, [5, 10])
    client, run = run_of(workdir)
    assert run.info.status == "FINISHED" and run.info.run_name == workdir.name
    assert client.get_experiment(run.info.experiment_id).name == "kortf"
    assert run.data.params == parameters(CONFIG)
    assert history(client, run, "train/loss") == [(5, 5.0), (10, 0.0)]
    assert history(client, run, "train/tokens_per_second") == [(5, 10.0), (10, 10.0)]
    assert history(client, run, "test/accuracy") == [(2, 0.75)]
    assert {f.path for f in client.list_artifacts(run.info.run_id)} == {
        "config.json", "eval.json", "model",
    }  # fmt: skip
    model = client.list_artifacts(run.info.run_id, "model")
    assert [f.path for f in model] == ["model/config.json"]


def test_the_model_is_an_artefact_where_asked(workdir):
    (workdir / "model").mkdir()
    (workdir / "model" / "model.safetensors").write_text("large")
    with MlflowTracker(str(workdir), "kortf pretrain", with_model=True) as tracker:
        Progress(str(workdir), 20, 0, tracker)
    client, run = run_of(workdir)
    model = client.list_artifacts(run.info.run_id, "model")
    assert [f.path for f in model] == ["model/model.safetensors"]


@pytest.mark.parametrize("store", ["", "sqlite"])
def test_a_run_goes_on_as_the_same_run(workdir, tmp_path, monkeypatch, store):
    uri = f"sqlite:///{tmp_path}/mlflow.db" if store else None
    if store:
        pytest.importorskip("sqlalchemy", reason="the `mlflow` extra is not installed")
        monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
        monkeypatch.chdir(tmp_path)  # artefacts go to ./mlruns
    train(workdir, [5, 10, 15])
    first = run_of(workdir, uri)[1].info.run_id
    # As after a kill: the checkpoint is of step 10, and other settings that are free.
    config = CONFIG | {"versions": {"kortf": "2"}}
    files.write_json(str(workdir / "config.json"), config)
    train(workdir, [15, 20], first_step=10)
    client, run = run_of(workdir, uri)
    assert run.info.run_id == first and run.info.status == "FINISHED"
    assert [step for step, _ in history(client, run, "train/loss")] == [5, 10, 15, 20]
    assert run.data.params["versions.kortf"] == "1"
    assert run.data.tags["changed.versions.kortf"] == "2"


def test_what_was_reported_while_mlflow_was_off_is_sent_later(workdir):
    progress = Progress(str(workdir), 20)
    progress.train(5, {"loss": 1.0}, 1.0, 1, 10.0, 20.0)
    train(workdir, [10], first_step=5)
    client, run = run_of(workdir)
    assert [step for step, _ in history(client, run, "train/loss")] == [5, 10]


def test_a_run_that_was_deleted_is_begun_anew(workdir):
    train(workdir, [5])
    client, run = run_of(workdir)
    client.delete_run(run.info.run_id)
    train(workdir, [10], first_step=5)
    client, other = run_of(workdir)
    assert other.info.run_id != run.info.run_id
    assert [step for step, _ in history(client, other, "train/loss")] == [5, 10]


def test_runs_with_several_seeds_stand_together(workdir):
    for seed in (1, 2):
        own = workdir / f"seed-{seed}"
        files.write_json(str(own / "config.json"), CONFIG)
        with MlflowTracker(str(own), "kortf finetune", above=str(workdir)) as tracker:
            Progress(str(own), 20, 0, tracker)
    client = connect(local_store(str(workdir)))
    experiment = client.get_experiment_by_name("kortf").experiment_id
    names = [run.info.run_name for run in client.search_runs([experiment])]
    assert sorted(names) == [f"{workdir.name}/seed-{seed}" for seed in (1, 2)]


@pytest.mark.parametrize("status, error, expected", [
    (0, None, "FINISHED"), (143, None, "KILLED"), (0, KeyboardInterrupt, "KILLED"),
    (0, InputError("step 3", "not finite", "look"), "FAILED"),
])  # fmt: skip
def test_how_it_ended_is_said(workdir, status, error, expected):
    try:
        with MlflowTracker(str(workdir), "kortf pretrain") as tracker:
            Progress(str(workdir), 20, 0, tracker)
            tracker.exit_status = status
            if error:
                raise error
    except (KeyboardInterrupt, InputError):
        pass
    assert run_of(workdir)[1].info.status == expected


def test_a_store_that_goes_away_gets_everything_when_it_is_back(workdir):
    """Real MLflow files that are moved away and come back, as a server would."""
    client = connect(local_store(str(workdir)))
    run_id = client.create_run(client.create_experiment("가")).info.run_id
    outbox = Outbox(client, run_id, retry_seconds=0.0)

    def report(step):
        outbox.add([mlflow.entities.Metric("train/loss", 1.0, 1000 * step, step)])

    def wait_until(condition):
        deadline = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < deadline
            outbox.add([])
            time.sleep(0.01)

    report(1)
    wait_until(lambda: client.get_run(run_id).data.metrics.get("train/loss"))
    (workdir / "mlruns").rename(workdir / "away")
    report(2)
    wait_until(lambda: outbox.problem is not None)
    report(3)
    (workdir / "away").rename(workdir / "mlruns")
    wait_until(lambda: outbox.problem is None)
    report(4)
    assert outbox.close(60)
    steps = [step for step, _ in history(client, client.get_run(run_id), "train/loss")]
    assert steps == [1, 2, 3, 4]


def test_an_end_that_cannot_be_sent_is_a_warning_and_sent_later(workdir, capsys):
    with MlflowTracker(str(workdir), "kortf pretrain") as tracker:
        progress = Progress(str(workdir), 20, 0, tracker)
        progress.train(5, {"loss": 1.0}, 1.0, 1, 10.0, 20.0)
        assert tracker._outbox.close(60)
        (workdir / "mlruns").rename(workdir / "away")
        progress.train(10, {"loss": 1.0}, 1.0, 1, 10.0, 20.0)
    assert "misses the end of this run" in capsys.readouterr().err.splitlines()[-1]
    (workdir / "away").rename(workdir / "mlruns")
    train(workdir, [15], first_step=10)
    client, run = run_of(workdir)
    assert [step for step, _ in history(client, run, "train/loss")] == [5, 10, 15]


def test_a_server_that_does_not_answer_is_an_error_at_once(workdir, monkeypatch):
    # Port 9 takes nothing; the password must not be shown.
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://kim:secret@127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(
        InputError, match="^MLflow at http://127.0.0.1:9: .*leave --mlflow out"
    ) as e:
        MlflowTracker(str(workdir), "kortf pretrain")
    assert "secret" not in str(e.value)
    assert sorted(path.name for path in workdir.iterdir()) == ["config.json"]


def test_an_address_of_no_kind_is_an_error(workdir, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "gopher://there")
    with pytest.raises(InputError, match="MLFLOW_TRACKING_URI=gopher://there|MLflow at gopher"):
        Progress(str(workdir), 20, 0, MlflowTracker(str(workdir), "kortf pretrain"))


def test_a_remote_work_directory_needs_an_address():
    with pytest.raises(InputError, match="set MLFLOW_TRACKING_URI"):
        MlflowTracker("gs://bucket/run", "kortf pretrain")


def pretrain(workdir, records="none", vocabulary="none"):
    config = pathlib.Path(__file__).parents[3] / "configs/pretrain/bert.py:smoke"
    argv = [f"--config={config}", f"--records={records}", f"--vocab={vocabulary}", "--mlflow"]
    return run_verb("pretrain", [*argv, f"--workdir={workdir}", "--config.steps=4"])


@pytest.mark.usefixtures("quick_graph")
def test_a_whole_pretraining_is_followed(records_dir, vocabulary_dir, tmp_path):
    workdir = tmp_path / "bert"
    assert pretrain(workdir, records_dir, vocabulary_dir) == 0
    client, run = run_of(workdir)
    lines = [json.loads(line) for line in (workdir / "metrics.jsonl").read_text().splitlines()]
    losses = [(line["step"], line["loss"]) for line in lines if "loss" in line]
    assert history(client, run, "train/loss") == losses and losses[-1][0] == 4
    assert run.info.status == "FINISHED" and run.data.params["config.steps"] == "4"
    model = {f.path for f in client.list_artifacts(run.info.run_id, "model")}
    assert "model/config.json" in model and "model/model.safetensors" not in model


def test_no_server_is_one_line_before_anything_is_read(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    assert pretrain(tmp_path / "bert") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("kortf pretrain: MLflow at http://127.0.0.1:9: it does not answer; ")
    assert list(tmp_path.iterdir()) == []


def test_passwords_are_left_out():
    shown = "https://tracking.example.org/mlflow"
    assert without_password("https://kim:secret@tracking.example.org/mlflow") == shown
    assert first_line(ValueError("at https://kim:secret@there\nmore")) == "at https://there"


def test_trials_are_children_of_the_run_of_their_sweep(tmp_path):
    trial = tmp_path / "sweep" / "trial-0"
    with MlflowParent(str(tmp_path / "sweep"), "kortf sweep") as parent:
        trial.mkdir()
        files.write_json(str(trial / "config.json"), CONFIG)
        above = str(tmp_path / "sweep")
        with MlflowTracker(str(trial), "kortf sweep", above, parent=parent.run_id) as tracker:
            Progress(str(trial), 20, 0, tracker).train(1, {"loss": 2.5}, 1.0, 1, 10.0, 20.0)
        (tmp_path / "sweep" / "sweep.md").write_text("| trial |\n")
    client, run = run_of(trial, local_store(above))
    assert run.data.tags["mlflow.parentRunId"] == parent.run_id
    assert run.info.run_name == "sweep/trial-0"
    assert client.get_run(parent.run_id).info.status == "FINISHED"
    assert [each.path for each in client.list_artifacts(parent.run_id)] == ["sweep.md"]
    with MlflowParent(above, "kortf sweep") as again:  # the same run, continued
        assert again.run_id == parent.run_id

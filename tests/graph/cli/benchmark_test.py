"""`kortf benchmark`: plan, table, resuming, and errors.

The fine-tunings themselves are replaced: each leaves the files of a finished run in a moment.
"""

import json
import pathlib

import pytest
from absl import flags

from kortf.cli.main import run_verb
from kortf.suite import runs
from kortf.train.settings.config import define_config
from kortf.train.settings.distillation import FINETUNING, recorded
from tests.harness.tasks import published
from tests.pure.report.conftest import make_pretraining  # noqa: F401
from tests.pure.suite.conftest import write_run

ENDED = 143  # exit status after SIGTERM


@pytest.fixture
def bench(tmp_path, make_pretraining, monkeypatch):  # noqa: F811
    """Function that runs the command on NSMC and COPA, and returns its exit status.

    `bench.runs` lists the flags of the fine-tunings, `bench.statuses` gives their exit statuses.
    """
    model = make_pretraining() / "model"
    for task in ("nsmc", "kobest_copa"):
        published.write(task, tmp_path / "data" / task)

    def launch(arguments):
        given = [argument.removeprefix("--") for argument in arguments[1:]]
        run.runs.append(dict(flag.partition("=")[::2] for flag in given))
        workdir = pathlib.Path(run.runs[-1]["workdir"])
        status = run.statuses.get(workdir.parent.name, 0)
        if not status:
            values = flags.FlagValues()
            argv = ["kortf", *(a for a in arguments if a.startswith("--config"))]
            define_config(values, argv, "")
            values(argv)
            config = recorded(values.config, None, FINETUNING)
            train = {"nsmc": "ratings_train.txt"}.get(config["task"]["name"], "COPA/train.tsv")
            data = run.runs[-1]["data"]
            write_run(workdir, config, str(model), data, train, **run.evaluation)
        return status

    def run(*more, suite="nsmc+kobest_copa:base"):
        run.runs.clear()
        argv = [f"--model={model}", f"--suite={suite}", f"--data={tmp_path}/data"]
        return run_verb("benchmark", [*argv, f"--workdir={tmp_path}/suite", *more])

    run.runs, run.statuses, run.evaluation = [], {}, {}
    monkeypatch.setattr(runs, "launch_process", launch)
    return run


def results(tmp_path) -> dict:
    return json.loads((tmp_path / "suite" / "results.json").read_text())


def test_each_benchmark_runs_with_each_seed_and_its_own_overrides(bench, tmp_path, capsys):
    more = ["--config.epochs=3", "--config.task.crf=true", "--skip_bad_rows", "--protocol=honest"]
    # A key that no config has is an error, one that some have is passed on to those.
    assert bench("--seeds=1,2", "--config.epochs=3", "--config.task.poling=cls") == 2
    assert "--config.task.poling: " in capsys.readouterr().err and bench.runs == []
    suite = "nsmc+kobest_copa:base+klue_ner"
    assert bench("--seeds=1,2", *more, suite=suite) == 0
    out = capsys.readouterr().out
    assert "2 of 3 benchmarks, 2 seeds each" in out
    assert "skipped: klue_ner: " in out and "nsmc has no --config.task.crf" in out
    assert [(each["config"].rpartition("/")[2], each["config.seed"]) for each in bench.runs] == [
        ("nsmc.py:small", "1"), ("nsmc.py:small", "2"),
        ("kobest_copa.py:base", "1"), ("kobest_copa.py:base", "2"),
    ]  # fmt: skip
    for each in bench.runs:
        assert each["config.epochs"] == "3" and "config.task.crf" not in each
        assert "skip_bad_rows" in each and "mlflow" not in each and each["strategy"] == "auto"
    found = results(tmp_path)
    assert found["benchmarks"]["nsmc"]["scores"]["accuracy"]["mean"] == pytest.approx(0.65)
    assert found["benchmarks"]["kobest_copa"]["epochs"] == 3
    assert list(found["missing"]) == ["klue_ner"]

    # The same command once more trains nothing; with a third seed, only that.
    assert bench("--seeds=1,2", *more, suite=suite) == 0
    assert bench.runs == [] and "finished before" in capsys.readouterr().out
    assert bench("--seeds=1,2,5", *more, suite=suite) == 0
    assert [each["config.seed"] for each in bench.runs] == ["5", "5"]
    assert results(tmp_path)["benchmarks"]["nsmc"]["seeds"] == [1, 2, 5]


def test_the_table_states_how_the_model_and_the_scores_were_made(bench, tmp_path):
    bench.evaluation = {
        "note": "scored on the dev part", "dropped": {"ratings_test.txt": 1200},
        "bad_rows": {"ratings_train.txt": {"count": 3}},
    }  # fmt: skip
    assert bench(suite="nsmc") == 0
    text = (tmp_path / "suite" / "results.md").read_text(encoding="utf-8")
    assert "Pretraining: masked_lm. 100 steps, 0.040 M tokens, 0.7 minutes." in text
    assert "nsmc: scored on the dev part." in text
    assert "nsmc: 1,200 rows of ratings_test.txt were dropped." in text
    assert "nsmc: 3 unreadable rows of ratings_train.txt were skipped." in text
    page = (tmp_path / "suite" / "index.html").read_text(encoding="utf-8")
    assert "0.7 minutes" in page


def test_a_failed_benchmark_is_reported_and_a_signal_ends_the_suite(bench, tmp_path, capsys):
    bench.statuses = {"nsmc": 2}
    assert bench("--seeds=1,2") == 2
    out = capsys.readouterr().out
    assert "failed: nsmc: exit status 2" in out and "benchmarks: 1 finished, 1 failed" in out
    assert len(bench.runs) == 3  # the second seed of NSMC is not tried
    assert results(tmp_path)["failed"] == {"nsmc": 2}
    assert list(results(tmp_path)["benchmarks"]) == ["kobest_copa"]
    bench.statuses = {"nsmc": -15}
    assert bench("--seeds=1,2") == ENDED
    assert [each["config"].rpartition("/")[2] for each in bench.runs] == ["nsmc.py:small"]


def test_a_dry_run_plans_and_runs_nothing(bench, tmp_path, capsys):
    assert bench("--dry_run") == 0
    out = capsys.readouterr().out
    assert f"planned: nsmc: {tmp_path}/data/nsmc, scored on ratings_test.txt" in out
    assert bench.runs == [] and not (tmp_path / "suite").exists()


@pytest.mark.parametrize(
    "place, more",
    [
        ("--seeds=x", ["--seeds=1,x"]),
        ("--seeds", ["--seeds=1,1"]),
        ("--suite=nsmd", ["--suite=nsmd"]),
        ("--data=", ["--suite=klue_ner"]),  # none of its files is there
    ],
)
def test_what_cannot_run_is_refused(bench, tmp_path, place, more, capsys):
    assert bench(*more) == 2
    assert capsys.readouterr().err.startswith(f"kortf benchmark: {place}")
    assert bench.runs == [] and not (tmp_path / "suite").exists()

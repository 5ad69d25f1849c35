"""A suite of three benchmarks, whose runs are written in a moment instead of trained."""

import json
import pathlib
from types import SimpleNamespace

import ml_collections
import pytest

from kortf import files
from kortf.suite.plan import Benchmark, make_plan
from kortf.suite.runs import Suite
from kortf.train.settings.config import resolved
from kortf.train.settings.identity import model_hash

FILES = {
    "kobest_copa": ("COPA/train.tsv", "COPA/dev.tsv", "COPA/test.tsv"),
    "nsmc": ("ratings_train.txt", None, "ratings_test.txt"),
    "text_pair": ("train.tsv", None, "test.tsv"),
}


def build(name, train_file=None, dev_file=None, test_file=None):
    """A task that only knows its files."""
    train, dev, test = FILES[name]
    return SimpleNamespace(
        train_file=train_file or train,
        dev_file=dev if dev_file is None else dev_file,
        test_file=test_file or test,
        files=lambda part: [part],
    )


def make_benchmark(name, epochs=1, overrides=(), **task) -> Benchmark:
    placeholder = ml_collections.config_dict.placeholder(str)
    config = ml_collections.ConfigDict(
        {
            "seed": 0, "epochs": epochs, "batch_size": 32, "protocol": "honest", "dtype": "auto",
            "task": {"name": name, "train_file": placeholder, "dev_file": placeholder,
                     "test_file": placeholder},
        }
    )  # fmt: skip
    config.task.update(task)
    return Benchmark(name, f"configs/{name}.py:small", config, tuple(overrides))


@pytest.fixture
def data(tmp_path):
    """Directory with the files of all three; those of NSMC are the smallest."""
    for folder, sizes in {
        "kobest": {"COPA/train.tsv": 50, "COPA/dev.tsv": 5, "COPA/test.tsv": 5},
        "films": {"ratings_train.txt": 10, "ratings_test.txt": 5},
        "text_pair": {"train.tsv": 90, "test.tsv": 5},
    }.items():
        for name, size in sizes.items():
            path = tmp_path / "data" / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("가" * size, encoding="utf-8")
    return tmp_path / "data"


@pytest.fixture
def plan(data):
    benchmarks = [make_benchmark(name) for name in FILES]
    return make_plan(benchmarks, str(data), build)


@pytest.fixture
def suite(tmp_path):
    model = tmp_path / "model"
    model.mkdir()
    (model / "config.json").write_text('{"model_type": "bert", "hidden_size": 8}')
    return Suite(str(model), str(tmp_path / "w"), (1, 2))


class Launcher:
    """Stands for `kortf finetune`: writes what a run leaves, or fails."""

    def __init__(self, plan, suite, statuses=()):
        self.plan, self.suite = plan, suite
        self.statuses = dict(statuses)  # name of a benchmark to the status of its runs
        self.calls = []

    def __call__(self, arguments):
        flags = dict(flag.removeprefix("--").partition("=")[::2] for flag in arguments[1:])
        workdir = pathlib.Path(flags["workdir"])
        name, seed = workdir.parent.name, int(flags["config.seed"])
        self.calls.append((name, seed))
        status = self.statuses.get(name, 0)
        if not status:
            self.write(workdir, name, seed)
        return status

    def write(self, workdir, name, seed):
        planned = next(each for each in self.plan.planned if each.name == name)
        config = resolved(planned.benchmark.config)
        for flag in planned.overrides:
            key, _, value = flag.removeprefix("--config.task.").partition("=")
            config["task"][key] = value
        config |= {"seed": seed}
        write_run(workdir, config, self.suite.model, planned.data, FILES[name][0])


def write_run(workdir, config: dict, model: str, data: str, train: str, **evaluation) -> None:
    """Write what a finished fine-tuning leaves; its score grows with its seed.

    Args:
        workdir: Work directory.
        config: Resolved config.
        model: Model directory that it began from.
        data: Directory of its data.
        train: Path of its train part below that.
        evaluation: Further contents of `eval.json`.
    """
    (workdir / "model").mkdir(parents=True)
    (workdir / "model" / "config.json").write_text("{}")
    inputs = {"init_from": model, "init_from_hash": model_hash([model])}
    written = {"config": config | {"dtype": "float32"}, "inputs": inputs}
    (workdir / "config.json").write_text(json.dumps(written))
    name, seed = config["task"]["name"], config["seed"]
    main = "macro_f1" if name.startswith("kobest") else "accuracy"
    evaluation = {
        "task": name, "main_metric": main, "scores": {main: 0.5 + seed / 10, "auc": 0.5},
        "epoch": 1, "counts": {"train": 1200, "dev": 3, "test": 4},
        "data": {train: files.sha256_of(f"{data}/{train}")},
        "training_seconds": 60.0 * seed, "scoring_seconds": 1.0, "note": "", **evaluation,
    }  # fmt: skip
    (workdir / "eval.json").write_text(json.dumps(evaluation))


@pytest.fixture
def launcher(plan, suite):
    return Launcher(plan, suite)

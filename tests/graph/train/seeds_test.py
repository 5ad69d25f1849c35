"""Several seeds or folds: which runs are made, and what their results say together."""

import json

import ml_collections
import pytest

from kortf.errors import InputError
from kortf.train.seeds import finetune_folds, finetune_seeds, summarize

CONFIG = {"seed": 7, "folds": 0, "fold": 0, "dtype": "float32"}


@pytest.fixture
def start(tmp_path):
    """Function that runs seeds or folds; each run leaves its files in a moment.

    `start.runs` lists name, seed and fold of each run, `start.statuses` gives exit statuses.
    """

    def run(config, directory):
        name = directory.rpartition("/")[2]
        start.runs.append((name, config.seed, config.fold))
        path = tmp_path / "w" / name
        path.mkdir(parents=True, exist_ok=True)
        inputs = {"train": start.train.get(name, "a")}
        (path / "config.json").write_text(json.dumps({"config": {}, "inputs": inputs}))
        scores = {"accuracy": (config.seed + config.fold) / 10}
        result = {
            "task": "nsmc", "protocol": "honest", "seed": config.seed, "scores": scores,
            "dev": {"accuracy": config.fold / 10},
        }  # fmt: skip
        (path / "eval.json").write_text(json.dumps(result))
        return start.statuses.get(name, 0)

    def start(several, values):
        start.runs.clear()
        return several(values, ml_collections.ConfigDict(CONFIG), str(tmp_path / "w"), run)

    start.runs, start.statuses, start.train = [], {}, {}
    return start


def summary(tmp_path, name) -> dict:
    return json.loads((tmp_path / "w" / name).read_text())


def test_summary_example():
    runs = [
        {"task": "nsmc", "protocol": "honest", "seed": seed, "scores": {"accuracy": value}}
        for seed, value in ((1, 0.86), (2, 0.88))
    ]
    assert summarize(runs) == {
        "task": "nsmc",
        "protocol": "honest",
        "seeds": [1, 2],
        "scores": {"accuracy": {"mean": 0.87, "std": 0.0141, "values": [0.86, 0.88]}},
    }
    assert summarize(runs[:1])["scores"]["accuracy"]["std"] == 0.0


def test_each_seed_replaces_that_of_the_config(start, tmp_path, capsys):
    assert start(finetune_seeds, [1, 3]) == 0
    assert start.runs == [("seed-1", 1, 0), ("seed-3", 3, 0)]
    found = summary(tmp_path, "seeds.json")
    assert found["seeds"] == [1, 3]
    assert found["scores"] == {"accuracy": {"mean": 0.2, "std": 0.1414, "values": [0.1, 0.3]}}
    assert capsys.readouterr().out == "accuracy 0.2000 ± 0.1414 (2 seeds)\n"


def test_each_fold_is_the_dev_part_of_one_run(start, tmp_path, capsys):
    assert start(finetune_folds, 3) == 0
    assert start.runs == [("fold-0", 7, 0), ("fold-1", 7, 1), ("fold-2", 7, 2)]
    found = summary(tmp_path, "folds.json")
    assert found["folds"] == 3 and "seeds" not in found
    assert found["dev"]["accuracy"]["mean"] == pytest.approx(0.1)
    assert found["scores"]["accuracy"]["mean"] == pytest.approx(0.8)
    assert capsys.readouterr().out.splitlines() == [
        "dev accuracy 0.1000 ± 0.1000 (3 folds)", "test accuracy 0.8000 ± 0.1000 (3 folds)",
    ]  # fmt: skip


@pytest.mark.parametrize("several, values", [(finetune_seeds, [1, 2, 3]), (finetune_folds, 3)])
def test_a_run_that_ends_early_ends_all_without_a_summary(start, tmp_path, several, values):
    start.statuses = {"seed-2": 143, "fold-1": 143}
    assert start(several, values) == 143
    assert len(start.runs) == 2
    assert not list((tmp_path / "w").glob("*.json"))


def test_runs_on_other_data_are_not_averaged(start, tmp_path):
    start.train = {"seed-2": "b"}
    with pytest.raises(InputError) as caught:
        start(finetune_seeds, [1, 2])
    assert caught.value.parts[0] == str(tmp_path / "w" / "seed-2")
    assert not (tmp_path / "w" / "seeds.json").exists()


def test_a_single_fold_is_refused(start):
    with pytest.raises(InputError, match="--folds=1: "):
        start(finetune_folds, 1)

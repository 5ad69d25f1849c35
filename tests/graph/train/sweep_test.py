"""Sweeps: the search space, trials that are pruned, fail and continue, and the table."""

import doctest
import json
import types

import pytest

from kortf import files
from kortf.errors import InputError
from kortf.train.finetune_recipe import SMOKE, finetuning
from kortf.train.settings.keys import check_config
from kortf.train.sweep import space as spaces
from kortf.train.sweep.space import Dimension, search_space, with_values
from kortf.train.sweep.sweep import Options, sweep

STEPS = 4


def make_config(**search):
    config = finetuning("smoke", {"name": "nsmc"}, {})
    config.search = search or {"optimizer": {"learning_rate": "log 1e-4 1e-1"}, "fgm": ""}
    return config


class Training:
    """Fine-tuning whose dev score is a function of the learning rate alone."""

    def __init__(self, kill_at=None, fail=()):
        self.trials, self.kill_at, self.fail, self.scored = [], kill_at, fail, []

    def __call__(self, config, directory, trial):
        number = int(directory.rpartition("-")[2])
        files.makedirs(f"{directory}/checkpoints")
        if not files.exists(f"{directory}/config.json"):
            files.write_json(f"{directory}/config.json", {"config": {}, "inputs": {"data": "a"}})
        files.write_json(f"{directory}/checkpoints/step.json", {})
        rate = config.optimizer.learning_rate
        best = 1.0 - abs(rate - 0.01) ** 0.5
        if trial is None:
            self.scored.append(number)
            result = {"metric": "accuracy", "scores": {"accuracy": best / 2}}
            files.write_json(f"{directory}/eval.json", result)
            return 0
        self.trials.append((number, rate))
        if number in self.fail:
            raise InputError("step 3", "loss task is not finite", "lower the learning rate")
        state = types.SimpleNamespace(step=0, best_value=None, best_step=-1)
        run = types.SimpleNamespace(state=state, steps=STEPS, ended=None)
        run.end = lambda reason: setattr(run, "ended", reason)
        while state.step < STEPS and run.ended is None:
            if (number, state.step) == self.kill_at:
                return 143
            state.step += 1
            state.best_value = best * state.step / STEPS
            trial.evaluated(run, state.best_value)
        trial.ended(run)
        return 0


def table(workdir):
    return json.loads((workdir / "sweep.json").read_text())


def test_example():
    found = doctest.testmod(spaces)
    assert found.attempted and not found.failed


def test_the_best_trial_scores_the_test_part_and_the_table_has_all(tmp_path, capsys):
    training = Training(fail=(1,))
    assert sweep(make_config(), Options(8, startup=3), str(tmp_path), training) == 0
    found = table(tmp_path)
    rows = found["trials"]
    assert sorted(row["trial"] for row in rows) == list(range(8))
    states = {row["trial"]: row["state"] for row in rows}
    assert states[1] == "fail" and "pruned" in states.values()
    complete = [row for row in rows if row["state"] == "complete"]
    assert found["best"] == max(complete, key=lambda row: row["dev"])["trial"]
    assert training.scored == [found["best"]] == found["scored"]
    assert found["test"] == {"accuracy": pytest.approx(max(r["dev"] for r in complete) / 2)}
    kept = [path.parent.parent.name for path in tmp_path.glob("trial-*/checkpoints/*")]
    assert kept == [f"trial-{found['best']}"]
    lines = (tmp_path / "sweep.md").read_text().splitlines()
    assert len(lines) == 2 + 8 and "optimizer.learning_rate" in lines[0]
    assert "trial 1 failed: step 3: " in capsys.readouterr().out

    # The same command does nothing; more trials continue.
    again = Training()
    assert sweep(make_config(), Options(8, startup=3), str(tmp_path), again) == 0
    assert again.trials == []
    assert sweep(make_config(), Options(9, startup=3), str(tmp_path), again) == 0
    assert [number for number, _ in again.trials] == [8]


def test_a_stopped_sweep_makes_the_same_trials(tmp_path):
    whole, stopped = Training(), Training(kill_at=(5, 2))
    options = Options(8, prune=False, startup=3)
    assert sweep(make_config(), options, str(tmp_path / "whole"), whole) == 0
    assert sweep(make_config(), options, str(tmp_path / "stopped"), stopped) == 143
    stopped.kill_at = None
    assert sweep(make_config(), options, str(tmp_path / "stopped"), stopped) == 0
    assert [number for number, _ in stopped.trials] == [0, 1, 2, 3, 4, 5, 5, 6, 7]
    assert list(dict.fromkeys(stopped.trials)) == whole.trials
    first, second = (table(tmp_path / name)["trials"] for name in ("whole", "stopped"))
    assert first == second


def test_another_sweep_in_the_same_directory_is_refused(tmp_path):
    options = Options(1)
    assert sweep(make_config(), options, str(tmp_path), Training()) == 0
    with pytest.raises(InputError, match="sweep.json, config.search.fgm: "):
        sweep(make_config(fgm="uniform 0.1 1.0"), options, str(tmp_path), Training())
    config = make_config()
    config.seed = 1
    with pytest.raises(InputError, match="sweep.json, config.seed: "):
        sweep(config, options, str(tmp_path), Training())
    (tmp_path / "single").mkdir()
    (tmp_path / "single" / "config.json").write_text("{}")
    with pytest.raises(InputError, match="single"):
        sweep(make_config(), options, str(tmp_path / "single"), Training())


def test_a_trial_with_other_inputs_is_refused(tmp_path):
    class Other(Training):
        def __call__(self, config, directory, trial):
            files.makedirs(directory)
            inputs = {"data": directory[-1]}
            files.write_json(f"{directory}/config.json", {"config": {}, "inputs": inputs})
            return super().__call__(config, directory, trial)

    with pytest.raises(InputError, match="trial-1: "):
        sweep(make_config(), Options(3), str(tmp_path), Other())


def test_values_have_the_type_of_their_key():
    search = {
        "epochs": "int 2 5",
        "batch_size": "choice 16 32",
        "optimizer": {"name": "choice lamb"},
    }
    search |= {"stratify": "choice True False", "schedule": {"power": "uniform 0.5 2"}}
    config = make_config(**search)
    found = search_space(config)
    assert found["batch_size"] == Dimension("choice", (16, 32))
    assert found["optimizer.name"] == Dimension("choice", ("lamb",))
    assert found["stratify"] == Dimension("choice", (True, False))
    values = {"epochs": 2, "batch_size": 32, "optimizer.name": "lamb", "schedule.power": 0.5}
    own = with_values(config, values)
    check_config(own)
    assert own.optimizer.name == "lamb" and config.optimizer.name == SMOKE.optimizer


@pytest.mark.parametrize(
    "search, place",
    [
        ({"epoch": "int 1 2"}, "config.search.epoch: "),
        ({"epochs": "int 2"}, "config.search.epochs=int 2: "),
        ({"epochs": "int 5 2"}, "config.search.epochs=int 5 2: "),
        ({"epochs": "among 5 2"}, "config.search.epochs=among 5 2: "),
        ({"epochs": "choice a"}, "config.search.epochs=choice a: "),
        ({"fgm": "log 0 1"}, "config.search.fgm=log 0 1: "),
        ({"fgm": ""}, "config.search: "),
    ],
)
def test_a_search_space_that_cannot_be_read_is_refused(search, place):
    with pytest.raises(InputError) as error:
        search_space(make_config(**search))
    assert str(error.value).startswith(place)


def test_every_packaged_config_has_a_search_space():
    assert "optimizer.learning_rate" in search_space(finetuning("smoke", {"name": "nsmc"}, {}))

"""Averages of weights: against their formula, over replicas, through a checkpoint, in place."""

import pathlib

import numpy as np
import pytest
import safetensors.numpy

from kortf.cli.main import run_verb
from kortf.pretrained.directory.directory import from_pretrained
from kortf.train.assembly import make_checkpoints
from kortf.train.evaluation.scoring import Scorer
from kortf.train.loop.checkpoint import RunState
from tests.harness.train.tiny import Run

pytestmark = pytest.mark.usefixtures("quick_graphs")

ROOT = pathlib.Path(__file__).parents[3]
DECAY = 0.3  # reached at the third step: 0.1, 2/11, 0.25, 0.3


def averages(run: Run) -> dict[str, np.ndarray]:
    prefix = "average/"
    state = run.trainer.optimizer.state()
    return {n.removeprefix(prefix): v.numpy() for n, v in state.items() if n.startswith(prefix)}


@pytest.mark.parametrize("devices", [pytest.param(0, marks=pytest.mark.exhaustive), 2])
def test_they_follow_the_formula_and_leave_the_weights_alone(devices):
    run, plain = Run(ema_decay=DECAY, devices=devices), Run()
    expected = run.weights()
    assert averages(run).keys() == expected.keys()
    for step in range(4):
        run.train()
        decay = min(DECAY, (1 + step) / (10 + step))
        expected = {n: decay * expected[n] + (1 - decay) * w for n, w in run.weights().items()}
    for name, value in expected.items():
        np.testing.assert_allclose(averages(run)[name], value, atol=1e-6, err_msg=name)
    if not devices:
        plain.train(4)
        for name, value in plain.weights().items():
            assert (run.weights()[name] == value).all(), name
    assert averages(plain) == {}


@pytest.mark.parametrize("devices", [0, pytest.param(2, marks=pytest.mark.exhaustive)])
def test_in_place_and_back_to_the_bit(devices):
    run = Run(ema_decay=DECAY, devices=devices)
    run.train(2)
    weights, means = run.weights(), averages(run)
    with pytest.raises(KeyError), run.trainer.optimizer.averaged():
        for name, value in run.weights().items():
            assert (value == means[name]).all(), name
        raise KeyError
    for name, value in run.weights().items():
        assert (value == weights[name]).all() and (averages(run)[name] == means[name]).all()


@pytest.mark.exhaustive
def test_a_run_that_goes_on_has_them(tmp_path):
    everything = {"r_drop": 1.0, "fgm": 1.0, "label_smoothing": 0.1, "optimizer__layer_decay": 0.9}
    whole, half, rest = (Run(ema_decay=DECAY, dropout=0.1, **everything) for _ in range(3))
    whole.train(2)
    whole.train(2)
    half.train(2)
    make_checkpoints(str(tmp_path), half.trainer, 1).save(RunState(step=2))
    assert make_checkpoints(str(tmp_path), rest.trainer, 1).restore_latest().step == 2
    rest.step = 2
    rest.train(2)
    for name, value in averages(whole).items():
        assert (averages(rest)[name] == value).all(), name
        assert (rest.weights()[name] == whole.weights()[name]).all(), name


@pytest.mark.exhaustive
@pytest.mark.text
def test_scores_and_the_saved_model_are_those_of_the_averages(
    sample, pretrained_dir, tmp_path, monkeypatch
):
    tables, find = [], Scorer.find

    def recording(scorer, encoded):
        tables.append(scorer.encoder.token_embedding.embeddings.numpy())
        return find(scorer, encoded)

    monkeypatch.setattr(Scorer, "find", recording)
    argv = {
        "config": f"{ROOT}/configs/finetune/nsmc.py:smoke", "data": f"{sample}/nsmc",
        "init_from": pretrained_dir, "workdir": tmp_path, "config.ema_decay": 0.9,
    }  # fmt: skip
    assert run_verb("finetune", [f"--{name}={value}" for name, value in argv.items()]) == 0
    (path,) = (tmp_path / "checkpoints").iterdir()
    kept = safetensors.numpy.load_file(path)
    name = "encoder/embedding/token_embedding/embeddings"
    average = kept[f"optimizer/average/{name}"]
    assert np.abs(average - kept[f"model/{name}"]).max() > 0
    saved = from_pretrained(str(tmp_path / "model")).token_embedding.embeddings.numpy()
    dev, test = tables
    assert all((table == average).all() for table in (dev, test, saved))


@pytest.mark.exhaustive
def test_a_step_that_is_not_finite_leaves_them():
    run = Run(ema_decay=DECAY)
    run.train()
    before = averages(run)
    table = run.trainer.optimizer.variables[0]
    table.assign(table * np.inf)
    run.train()
    assert all((averages(run)[name] == value).all() for name, value in before.items())

"""Averages of weights: against their formula, over replicas, through a checkpoint, in place."""

import numpy as np
import pytest

from kortf.train.assembly import make_checkpoints
from kortf.train.checkpoint import RunState
from tests.train.tiny import Run

pytestmark = pytest.mark.usefixtures("quick_graphs")

DECAY = 0.3  # reached at the third step: 0.1, 2/11, 0.25, 0.3


def averages(run: Run) -> dict[str, np.ndarray]:
    prefix = "average/"
    state = run.trainer.optimizer.state()
    return {n.removeprefix(prefix): v.numpy() for n, v in state.items() if n.startswith(prefix)}


@pytest.mark.parametrize("devices", [0, 2])
def test_they_follow_the_formula_and_leave_the_weights_alone(devices):
    run, plain = Run(ema_decay=DECAY, devices=devices), Run(devices=devices)
    expected = run.weights()
    assert averages(run).keys() == expected.keys()
    for step in range(4):
        run.train()
        plain.train()
        decay = min(DECAY, (1 + step) / (10 + step))
        expected = {n: decay * expected[n] + (1 - decay) * w for n, w in run.weights().items()}
    for name, value in expected.items():
        np.testing.assert_allclose(averages(run)[name], value, atol=1e-6, err_msg=name)
        assert (plain.weights()[name] == run.weights()[name]).all(), name
    assert averages(plain) == {}


@pytest.mark.parametrize("devices", [0, 2])
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


def test_a_run_that_goes_on_has_them(tmp_path):
    whole, half, rest = (Run(ema_decay=DECAY, dropout=0.1) for _ in range(3))
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


def test_a_step_that_is_not_finite_leaves_them():
    run = Run(ema_decay=DECAY)
    run.train()
    before = averages(run)
    table = run.trainer.optimizer.variables[0]
    table.assign(table * np.inf)
    run.train()
    assert all((averages(run)[name] == value).all() for name, value in before.items())

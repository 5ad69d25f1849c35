"""A step that is not finite: refused on the device, found again by the host, nothing spoiled."""

import json

import numpy as np
import pytest
import tensorflow as tf

from kortf.objectives.objective import Scores
from kortf.train.loop.checkpoint import Checkpoints, RunState
from kortf.train.loop.devices.strategy import make_strategy
from kortf.train.loop.health.diagnosis import describe
from kortf.train.loop.health.health import Watch
from kortf.train.loop.progress import Progress
from kortf.train.loop.reporting import health_hook, log_metrics
from kortf.train.loop.run import Run
from kortf.train.loop.step import StepOptions, Trainer
from kortf.train.optim.optimizers import make_optimizer

ROWS, STEPS, BAD = 8, 12, 7  # the eighth step


class Roots:
    """Two losses over two weights: `line` of `slope`, and `root`, whose gradient dies at a zero."""

    def __init__(self):
        self.slope = tf.Variable([0.5, -0.5], name="slope")
        self.scale = tf.Variable([2.0], name="scale")

    def variables(self):
        return {"model/slope": self.slope, "model/scale": self.scale}

    def weights(self, features):
        return {name: tf.reduce_sum(tf.ones_like(features["x"])) for name in ("line", "root")}

    def score(self, features, seed):
        line = tf.reduce_sum((features["x"][:, None] * self.slope - 1.0) ** 2)
        root = tf.reduce_sum(tf.sqrt(features["y"] * self.scale))
        return Scores({"line": line, "root": root}, {"line_loss": (line, tf.constant(1.0))})


def batch(step: int, poison: str) -> dict:
    """The batch of a step; at `BAD` one value in one row, the last, does the harm."""
    rng = np.random.default_rng(step)
    values = {name: rng.uniform(0.5, 1.0, ROWS).astype(np.float32) for name in "xy"}
    if step == BAD:
        name, value = {"none": ("x", 1.0), "loss": ("x", np.inf), "gradient": ("y", 0.0)}[poison]
        values[name][-1] = value
    return values | {"padding_mask": np.ones((ROWS, 1), bool)}


class Training:
    """A training of `Roots`: its trainer, its batches, its checkpoints."""

    def __init__(self, workdir, poison="none", devices=0, accumulate=1):
        self.poison = poison
        self.strategy = make_strategy("mirrored" if devices else "one", devices)
        with self.strategy.scope():
            self.program = Roots()
            optimizer = make_optimizer("adamw", self.program.variables())
        self.trainer = Trainer(
            self.program,
            optimizer,
            lambda step: tf.constant(0.1),
            self.strategy,
            StepOptions(accumulate=accumulate),
        )
        self.variables = self.program.variables() | optimizer.state()
        self.checkpoints = Checkpoints(str(workdir / "checkpoints"), self.variables)
        self.workdir = workdir

    def batches(self, step):
        rows = [batch(s, self.poison) for s in range(step, STEPS)]
        dataset = tf.data.Dataset.from_tensor_slices(
            {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}
        )
        options = tf.data.Options()
        options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
        dataset = dataset.batch(ROWS, drop_remainder=True).with_options(options)
        return iter(self.strategy.experimental_distribute_dataset(dataset))

    def train(self, first=0, steps=STEPS, watch=None):
        progress = Progress(str(self.workdir), STEPS)
        state = RunState(step=first)
        run = Run(self.trainer, self.checkpoints, progress, state, steps)
        run.every(STEPS, log_metrics, health_hook(watch or Watch()), run.start_interval)
        run.every(4, run.save)
        run.train(self.batches)

    def values(self):
        return {name: variable.numpy() for name, variable in self.variables.items()}


LOSS = "loss line is not finite (first in the gradient of model/slope)"
GRADIENT = "the gradient of model/scale is not finite"


@pytest.mark.parametrize(
    "poison, words, devices, accumulate",
    [
        ("loss", LOSS, 0, 2),
        ("loss", LOSS, 2, 1),
        ("gradient", GRADIENT, 0, 1),
        ("gradient", GRADIENT, 2, 2),
    ],
)
def test_a_bad_step_changes_nothing_and_is_named(tmp_path, poison, words, devices, accumulate):
    bad = Training(tmp_path, poison, devices, accumulate)
    with pytest.raises(ValueError) as error:
        bad.train()
    assert str(error.value).startswith(f"step {BAD + 1}: {words}; ")
    assert "the last good checkpoint (step 4) is kept" in str(error.value)
    assert bad.checkpoints.steps() == [0, 4]

    good = Training(tmp_path / "good", "none", devices, accumulate)
    good.train(steps=BAD)
    for name, value in good.values().items():
        np.testing.assert_array_equal(bad.values()[name], value, err_msg=name)


@pytest.mark.parametrize("devices", [0, 2])
def test_no_step_after_a_bad_one_is_taken(tmp_path, devices):
    run = Training(tmp_path, "loss", devices)
    run.trainer.train(run.batches(0), 0, BAD)
    before = run.values()
    totals = run.trainer.train(run.batches(BAD), BAD, STEPS - BAD)
    assert totals["bad_step"].tolist() == [BAD, 1]
    for name, value in run.values().items():
        np.testing.assert_array_equal(value, before[name], err_msg=name)
    totals = run.trainer.train(run.batches(BAD + 1), BAD + 1, STEPS - BAD - 1)
    assert "bad_step" not in totals  # the batch was to blame, not what it left behind


@pytest.mark.parametrize("devices", [0, pytest.param(2, marks=pytest.mark.exhaustive)])
def test_a_poisoned_weight_is_named_and_never_saved(tmp_path, devices):
    run = Training(tmp_path, devices=devices)
    run.train(steps=4)
    run.program.slope.assign([np.nan, 1.0])
    words = r"step 5: loss line is not finite \(nor is the weight model/slope\)"
    with pytest.raises(ValueError, match=words):
        run.train(first=4)
    assert run.checkpoints.steps() == [0, 4]


def test_a_weight_that_the_last_step_spoiled_is_not_saved(tmp_path):
    run = Training(tmp_path)
    run.trainer.schedule = lambda step: tf.where(step == 3, np.inf, 0.1)
    with pytest.raises(ValueError, match="step 4: the weight model/slope, model/scale is not fin"):
        run.train()
    assert run.checkpoints.steps() == [0]


def test_a_step_that_is_finite_after_all_blames_the_machine(tmp_path):
    run = Training(tmp_path, "loss")
    batches = run.batches
    once = iter([True])

    def changing(step):
        run.poison = "loss" if next(once, False) else "none"
        return batches(step)

    run.batches = changing
    with pytest.raises(ValueError, match="step 8: it was not finite.*step 7"):
        run.train()
    assert run.checkpoints.steps() == [4, 7]


def test_what_is_odd_in_an_interval_is_said(tmp_path, capsys):
    Training(tmp_path).train(watch=Watch({"line_loss": 0.5}))
    assert "step 12 | warning: line_loss is" in capsys.readouterr().err
    last = json.loads((tmp_path / "metrics.jsonl").read_text().splitlines()[-1])
    assert last["step"] == 12 and last["warning"] == "line_loss"


def test_describe():
    loss = ["loss/masked_lm", "gradient/encoder/norm/gamma"]
    assert describe([], loss) == (
        "loss masked_lm is not finite (first in the gradient of encoder/norm/gamma)"
    )
    assert describe(["pooler/bias"], loss) == (
        "loss masked_lm is not finite (nor is the weight pooler/bias)"
    )
    assert describe([], [f"gradient/{name}" for name in "abcd"]) == (
        "the gradient of a, b, c and 1 more is not finite"
    )
    assert describe([], ["gradient_norm"]) == "the norm of the gradient overflows float32"
    assert describe([], []) == ""

"""R-Drop and label smoothing: against their definitions for each kind of task, or refused."""

import pathlib
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from kortf.errors import InputError
from kortf.layers import kernels as kernels
from tests.harness.train.tiny import KINDS, ROWS, Run, assert_same_weights, features

pytestmark = pytest.mark.usefixtures("quick_graphs")

ROOT = pathlib.Path(__file__).parents[3]
SEED = tf.constant([3, 4], tf.int32)
ALPHA = 0.7


def apart(logits, others) -> np.ndarray:
    """The mean of both divergences of softmax distributions."""
    p, q = (np.exp(x - x.max(-1, keepdims=True)) for x in (logits, others))
    p, q = (x / x.sum(-1, keepdims=True) for x in (p, q))
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = [np.where(a > 0, a * (np.log(a) - np.log(b)), 0.0) for a, b in ((p, q), (q, p))]
    return 0.5 * (terms[0] + terms[1]).sum(-1)


def divergence(run: Run, first: np.ndarray, second: np.ndarray, batch: dict) -> np.ndarray:
    """What `Task.divergence` has to say, row by row."""
    labels = batch["labels"]
    if run.kind == "classes":
        return apart(first, second)
    if run.kind == "numbers":
        return ((first - second) / 5) ** 2
    if run.kind == "tags":
        each = apart(first, second)
        return np.array([row[tags >= 0].mean() for row, tags in zip(each, labels, strict=True)])
    if run.kind == "field":
        tagged = labels >= 0
        # Against all sequences of tags: tests/graph/layers/divergence_test.py.
        total = kernels.crf_divergence(first, second, tagged, *run.task.head.crf._scores())
        return total.numpy() / tagged.sum(1)
    found = []
    for a, b, (begin, end, *_) in zip(first, second, labels, strict=True):
        trims = (slice(2, 6), slice(6, 10))
        row = [apart(a[:, i], b[:, i]) for i in (0, 1)]
        if begin > 0:
            row += [apart(a[at, cut], b[at, cut]) for at, cut in zip((begin, end), trims)]  # noqa: B905
        found.append(sum(row) / 2)
    return np.array(found)


@pytest.mark.parametrize("kind", KINDS)
def test_r_drop_is_two_losses_and_what_lies_between(kind):
    run = Run(kind, dropout=0.3, r_drop=ALPHA)
    batch = {name: tf.constant(value) for name, value in features(kind).items()}
    scores = run.program.score(batch, SEED)
    twins = {name: tf.concat([value, value], axis=0) for name, value in batch.items()}
    both = run.program._predict(twins, SEED).numpy()
    first, second = both[:ROWS], both[ROWS:]
    assert np.abs(first - second).max() > 1e-3  # dropout differed
    losses = [run.task.loss(tf.constant(x), batch["labels"]).numpy() for x in (first, second)]
    between = divergence(run, first, second, features(kind))
    real = batch["weights"].numpy()
    # Half of the paper's loss: the sum of both, and ALPHA times the mean of both divergences.
    expected = 0.5 * (losses[0] + losses[1] + ALPHA * between) @ real
    assert float(scores.losses["task"]) == pytest.approx(expected, rel=1e-4)
    total, number = scores.metrics["divergence"]
    assert float(total) == pytest.approx(between @ real, rel=1e-4) and float(number) == ROWS - 1


@pytest.mark.parametrize("kind", KINDS)
def test_without_dropout_the_two_passes_say_the_same(kind):
    batch = {name: tf.constant(value) for name, value in features(kind).items()}
    plain, twice = (Run(kind, r_drop=weight).program.score(batch, SEED) for weight in (0.0, 5.0))
    assert float(twice.losses["task"]) == pytest.approx(float(plain.losses["task"]), rel=1e-5)


@pytest.mark.parametrize(
    "kind",
    ["classes", *(pytest.param(kind, marks=pytest.mark.exhaustive) for kind in list(KINDS)[1:])],
)
def test_every_kind_of_task_trains_with_r_drop(kind):
    run = Run(kind, dropout=0.1, r_drop=1.0)
    values = run.train(3)
    assert values["divergence"] > 0 and np.isfinite(values["loss"])


def test_evaluation_reads_a_row_once():
    batch = {name: tf.constant(value) for name, value in features().items()}
    run = Run(dropout=0.3, r_drop=1.0, label_smoothing=0.0)
    assert set(run.program.score(batch, None).metrics) == {"task_loss"}


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    "devices, accumulate", [pytest.param(2, 1, marks=pytest.mark.exhaustive), (0, 2)]
)
def test_r_drop_over_replicas_and_micro_batches(devices, accumulate):
    alone = Run(r_drop=1.0, label_smoothing=0.1)
    shared = Run(r_drop=1.0, label_smoothing=0.1, devices=devices, accumulate=accumulate)
    assert shared.train(2)["loss"] == pytest.approx(alone.train(2)["loss"], abs=1e-5)
    assert_same_weights(alone, shared)


@pytest.mark.text
@pytest.mark.exhaustive
def test_two_replicas_in_a_process_of_their_own(sample, pretrained_dir, tmp_path):
    """Devices can be split only before TensorFlow uses them: in the tests they are so already."""
    argv = [
        sys.executable, "-m", "kortf", "finetune", "--strategy=mirrored", "--virtual_devices=2",
        f"--config={ROOT}/configs/finetune/nsmc.py:smoke", f"--data={sample}/nsmc",
        f"--init_from={pretrained_dir}", f"--workdir={tmp_path}", "--config.accumulate=2",
    ]  # fmt: skip
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert (tmp_path / "eval.json").exists()


@pytest.mark.parametrize("kind", ["classes", "tags"])
def test_smoothed_labels(kind):
    run, batch = Run(kind, label_smoothing=0.2), features(kind)
    scores = run.program._predict(batch, None).numpy().astype(np.float64)
    log_p = scores - np.log(np.exp(scores).sum(-1, keepdims=True))
    number, labels = scores.shape[-1], batch["labels"]
    target = 0.8 * np.eye(number)[np.maximum(labels, 0)] + 0.2 / number
    losses = -(target * log_p).sum(-1)
    if kind == "tags":
        tagged = labels >= 0
        losses = np.where(tagged, losses, 0).sum(1) / tagged.sum(1)
    found = run.program.score(batch, None).losses["task"]
    assert float(found) == pytest.approx(losses @ batch["weights"], rel=1e-5)


@pytest.mark.parametrize(
    "kind, reason", [("numbers", "korsts"), ("spans", "korquad"), ("field", "task.crf=False")]
)
def test_a_loss_that_cannot_be_smoothed_says_so(kind, reason):
    with pytest.raises(InputError, match=f"config.label_smoothing=0.1: .*{reason}"):
        Run(kind, label_smoothing=0.1)

"""A loss over the global batch: replicas and chunks change nothing, all rows are negatives."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

from kortf import models, tasks
from kortf.train.loop.devices.strategy import make_strategy
from kortf.train.loop.step import StepOptions, Trainer, means
from kortf.train.optim.schedule import make_schedule
from kortf.train.programs.embedding import EmbeddingTraining
from kortf.train.programs.finetuning import Finetuning
from kortf.train.programs.program import CoupledProgram

pytestmark = pytest.mark.usefixtures("quick_graphs")

LENGTH, ROWS, DIM = 8, 8, 8
SEED = tf.constant([3, 4], tf.int32)


def features(texts: int, scored: bool = False) -> dict[str, np.ndarray]:
    """A batch with uneven texts and a padding row."""
    rng = np.random.default_rng(texts)
    batch = {"weights": (np.arange(ROWS) < ROWS - 1).astype(np.float32)}
    for i in range(texts):
        lengths = rng.integers(3, LENGTH + 1, ROWS)
        mask = np.arange(LENGTH) < lengths[:, None]
        ids = np.where(mask, rng.integers(5, 50, mask.shape), 0).astype(np.int32)
        batch |= {f"ids_{i}": ids, f"mask_{i}": mask.astype(np.int32)}
    batch |= {
        "token_ids": batch["ids_0"],
        "segment_ids": np.zeros((ROWS, LENGTH), np.int32),
        "padding_mask": batch["mask_0"] > 0,
    }
    if texts == 1:
        batch = {name: v for name, v in batch.items() if not name.endswith("_0")}
    numbers = np.arange(ROWS * texts, dtype=np.float32).reshape(ROWS, texts)
    batch["labels"] = rng.random(ROWS).astype(np.float32) if scored else numbers
    return batch


def program(dropout=0.0, **settings) -> EmbeddingTraining:
    task = tasks.build("embedding", **settings)
    sizes = {"num_layers": 1, "num_heads": 2, "hidden_dim": DIM, "max_length": LENGTH}
    encoder = models.build("bert", vocabulary_size=50, dropout=dropout, init_scale=0.3, **sizes)
    task.build(DIM, 0.3, dropout)
    return EmbeddingTraining(encoder, task)


class Recorder:
    """Stands where the optimizer does, and keeps the gradients of a step as they are.

    Adam would divide them by their own size, and with it scale their rounding up.
    """

    def __init__(self, variables: dict[str, tf.Variable]):
        self.names, self.variables = list(variables), list(variables.values())
        self.gradients = [tf.Variable(tf.zeros(v.shape), trainable=False) for v in self.variables]

    def apply(self, strategy, gradients, scale, rate, step, ok):
        for kept, gradient in zip(self.gradients, gradients, strict=True):
            strategy.extended.update(
                kept, lambda kept, value: kept.assign(value), args=(gradient,), group=False
            )

    def named(self) -> dict[str, np.ndarray]:
        values = [kept.numpy() for kept in self.gradients]
        return dict(zip(self.names, values, strict=True))


def step(texts, devices=0, accumulate=1, scored=False, **settings):
    """Return the metrics and the gradients of one step, and the program."""
    keras.utils.set_random_seed(0)
    strategy = make_strategy("mirrored" if devices else "one", devices)
    with strategy.scope():
        trained = program(**settings)
        recorder = Recorder(trained.variables())
    schedule = make_schedule(1e-2, 2, "constant")
    trainer = Trainer(trained, recorder, schedule, strategy, StepOptions(0.0, accumulate))
    data = tf.data.Dataset.from_tensors(features(texts, scored)).unbatch().batch(ROWS, True)
    options = tf.data.Options()
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    batches = iter(strategy.experimental_distribute_dataset(data.with_options(options)))
    return means(trainer.train(batches, 0, 1)), recorder.named(), trained


FORMS = {
    "triples": {"texts": 3, "loss": "contrastive", "temperature": 0.2, "learn_temperature": True},
    "scores": {"texts": 2, "loss": "cosent", "scored": True, "temperature": 0.2, "pooling": "cls"},
}


@functools.cache
def step_of(form: str, devices: int = 0, accumulate: int = 1):
    return step(**FORMS[form], devices=devices, accumulate=accumulate)


@pytest.mark.parametrize(
    "form, devices, accumulate",
    [
        ("triples", 2, 2),
        pytest.param("triples", 2, 1, marks=pytest.mark.exhaustive),
        pytest.param("triples", 0, 4, marks=pytest.mark.exhaustive),
        pytest.param("scores", 2, 2, marks=pytest.mark.exhaustive),
    ],
)
def test_replicas_and_chunks_have_the_loss_and_gradients_of_the_whole_batch(
    form, devices, accumulate
):
    whole, expected, _ = step_of(form)
    values, gradients, _ = step_of(form, devices, accumulate)
    assert values["loss"] == pytest.approx(whole["loss"], rel=1e-6)
    errors = {name: norm(gradients[name] - gradient) for name, gradient in expected.items()}
    assert norm(list(errors.values())) <= 1e-6 * whole["gradient_norm"]
    for name, gradient in expected.items():
        if "key_bias" not in name:  # its gradient is nothing but rounding
            assert errors[name] <= 1e-5 * norm(gradient), name
    for name, value in whole.items():
        assert values[name] == pytest.approx(value, rel=1e-5, abs=1e-5), name


def norm(values) -> float:
    return float(np.linalg.norm(np.asarray(values, np.float64)))


def test_rows_of_other_replicas_are_negatives():
    """The loss of two replicas is that of all rows, and not that of each half by itself."""
    values, _, trained = step_of("triples", 2, 2)
    batch = {name: tf.constant(value) for name, value in features(3).items()}
    vectors = trained.vectors(batch, None).numpy()[: ROWS - 1]  # the last row is padding
    half = ROWS // 2
    of_halves = contrastive(vectors[:half], 5.0) + contrastive(vectors[half:], 5.0)
    found = values["loss"] * len(vectors)
    assert found == pytest.approx(contrastive(vectors, 5.0), rel=1e-6)
    assert found - of_halves > 1.0


def contrastive(vectors: np.ndarray, scale: float) -> float:
    """Sum of the losses of rows `[rows, 3, dim]`: anchor, positive, negative, all of length 1."""
    vectors = vectors.astype(np.float64)
    scores = scale * vectors[:, 0] @ np.concatenate([vectors[:, 1], vectors[:, 2]]).T
    return float((np.log(np.exp(scores).sum(axis=1)) - np.diag(scores[:, : len(vectors)])).sum())


def test_only_a_coupled_program_is_coupled():
    assert isinstance(program(), CoupledProgram)
    assert not issubclass(Finetuning, CoupledProgram)


def test_two_passes_over_a_sentence_differ_by_dropout_alone():
    noisy = program(dropout=0.3)
    batch = {name: tf.constant(value) for name, value in features(1).items()}
    quiet = noisy.vectors(batch, None).numpy()
    assert quiet.shape == (ROWS, 2, DIM)
    np.testing.assert_allclose(quiet[:, 0], quiet[:, 1], atol=1e-6)
    drawn = noisy.vectors(batch, SEED).numpy()
    assert np.abs(drawn[:, 0] - drawn[:, 1]).min(axis=1).max() > 1e-4
    np.testing.assert_array_equal(drawn, noisy.vectors(batch, SEED).numpy())


def test_all_real_rows_of_the_batch_are_negatives():
    ours = program(temperature=0.1, loss="contrastive")
    batch = {name: tf.constant(value) for name, value in features(3).items()}
    vectors = ours.vectors(batch, None)
    found = float(ours.score_vectors(vectors, ours.row_features(batch)).losses["task"])
    expected = contrastive(vectors.numpy()[: ROWS - 1], 10.0)  # the last row is padding
    assert found == pytest.approx(expected, rel=1e-5)


def test_equal_texts_of_other_rows_are_no_negatives():
    ours = program(loss="contrastive")
    batch = {name: tf.constant(value) for name, value in features(2).items()}
    vectors = ours.vectors(batch, None)
    rows = ours.row_features(batch)
    numbers = rows["labels"].numpy()
    numbers[1, 1] = numbers[0, 1]  # the same positive
    numbers[2, 1] = numbers[0, 0]  # the anchor itself
    changed = ours.score_vectors(vectors, rows | {"labels": tf.constant(numbers)}).losses["task"]
    unit = vectors.numpy()[: ROWS - 1]
    scores = 20.0 * unit[:, 0] @ unit[:, 1].T
    barred = np.zeros_like(scores, bool)
    barred[0, [1, 2]] = barred[1, 0] = True
    scores = np.where(barred, -np.inf, scores)
    expected = (np.log(np.exp(scores).sum(axis=1)) - np.diag(scores)).sum()
    assert float(changed) == pytest.approx(expected, rel=1e-5)

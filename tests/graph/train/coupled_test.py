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
from tests.reference.late_interaction import max_sim

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
    batch, shares = features(texts, scored), max(devices, 1)
    batches = iter(strategy.distribute_datasets_from_function(lambda _: shared_out(batch, shares)))
    return means(trainer.train(batches, 0, 1)), recorder.named(), trained


def shared_out(batch: dict[str, np.ndarray], shares: int) -> tf.data.Dataset:
    """Shares of a batch, each as wide as its own longest text, as workers make them."""

    def narrowed(share):
        masks = [v for name, v in share.items() if name.startswith("mask_")]
        longest = max(int(mask.sum(axis=1).max()) for mask in masks)
        inner = ("labels", "weights")
        return {n: v if n in inner else v[:, :longest] for n, v in share.items()}

    def make():
        for rows in np.split(np.arange(ROWS), shares):
            yield narrowed({name: value[rows] for name, value in batch.items()})

    spec = {
        name: tf.TensorSpec(
            [ROWS // shares, *([None] * (v.ndim - 1) if name != "labels" else v.shape[1:])], v.dtype
        )
        for name, v in batch.items()
    }
    return tf.data.Dataset.from_generator(make, output_signature=spec)


FORMS = {
    "triples": {"texts": 3, "loss": "contrastive", "temperature": 0.2, "learn_temperature": True},
    "scores": {"texts": 2, "loss": "cosent", "scored": True, "temperature": 0.2, "pooling": "cls"},
    "tokens": {
        "texts": 3, "loss": "contrastive", "temperature": 0.2, "interaction": "late",
        "token_width": 4,
    },
    "token scores": {
        "texts": 2, "loss": "cosent", "scored": True, "interaction": "late", "token_width": 4,
    },
}  # fmt: skip


@functools.cache
def step_of(form: str, devices: int = 0, accumulate: int = 1):
    return step(**FORMS[form], devices=devices, accumulate=accumulate)


@pytest.mark.parametrize(
    "form, devices, accumulate",
    [
        ("triples", 2, 2),
        ("tokens", 2, 1),
        pytest.param("tokens", 2, 2, marks=pytest.mark.exhaustive),
        pytest.param("tokens", 0, 4, marks=pytest.mark.exhaustive),
        pytest.param("token scores", 2, 2, marks=pytest.mark.exhaustive),
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
        if name == "places":  # shares of a batch have less padding
            continue
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


def test_late_interaction_compares_all_texts_of_all_replicas_by_their_tokens():
    values, _, trained = step_of("tokens", 2, 1)
    batch = {name: tf.constant(value) for name, value in features(3).items()}
    vectors = trained.vectors(batch, None).numpy()[: ROWS - 1]  # the last row is padding
    assert vectors.shape == (ROWS - 1, 3, LENGTH, 4)
    pool = [*vectors[:, 1], *vectors[:, 2]]
    total = 0.0
    for row, query in enumerate(vectors[:, 0]):
        tokens = np.count_nonzero(query.any(axis=-1))
        scores = np.array([5.0 * max_sim(query, text) / tokens for text in pool])
        total += np.log(np.exp(scores).sum()) - scores[row]
    assert values["loss"] == pytest.approx(total / len(vectors), rel=1e-5)


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

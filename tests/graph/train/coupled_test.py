"""A loss over the global batch: replicas and chunks change nothing, all texts are negatives."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

from kortf import models, tasks
from kortf.train.loop.devices.strategy import make_strategy
from kortf.train.loop.step import StepOptions, Trainer, means
from kortf.train.optim.optimizers import make_optimizer
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


def train(texts, devices=0, accumulate=1, scored=False, **settings):
    keras.utils.set_random_seed(0)
    strategy = make_strategy("mirrored" if devices else "one", devices)
    with strategy.scope():
        trained = program(**settings)
        optimizer = make_optimizer("adamw", trained.variables())
    schedule = make_schedule(1e-2, 2, "constant")
    trainer = Trainer(trained, optimizer, schedule, strategy, StepOptions(0.05, accumulate))
    data = (
        tf.data.Dataset.from_tensors(features(texts, scored)).repeat(2).unbatch().batch(ROWS, True)
    )
    options = tf.data.Options()
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    batches = iter(strategy.experimental_distribute_dataset(data.with_options(options)))
    values = means(trainer.train(batches, 0, 2))
    return values, {name: value.numpy() for name, value in trained.variables().items()}


FORMS = {
    "triples": {"texts": 3, "loss": "contrastive", "learn_temperature": True, "dimensions": "4"},
    "scores": {"texts": 2, "loss": "cosent", "scored": True, "pooling": "cls"},
}


@functools.cache
def plain(form: str):
    return train(**FORMS[form])


@pytest.mark.parametrize(
    "form, devices, accumulate",
    [
        pytest.param("triples", 2, 1, marks=pytest.mark.exhaustive),
        pytest.param("triples", 0, 4, marks=pytest.mark.exhaustive),
        ("scores", 2, 2),
    ],
)
def test_replicas_and_chunks_train_the_same_model(form, devices, accumulate):
    values, weights = train(**FORMS[form], devices=devices, accumulate=accumulate)
    for name, value in plain(form)[1].items():
        # Adam scales the rounding of small gradients up, on some CPUs to 2e-6; the gradient of a
        # key's bias is nothing but rounding.
        if "key_bias" not in name:
            np.testing.assert_allclose(weights[name], value, atol=5e-6, err_msg=name)
    for name, value in plain(form)[0].items():
        assert values[name] == pytest.approx(value, rel=1e-5, abs=1e-5), name


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
    real = vectors.numpy()[: ROWS - 1]  # the last row is padding
    anchors, pool = real[:, 0], np.concatenate([real[:, 1], real[:, 2]])
    scores = 10.0 * anchors @ pool.T  # normalized by the head
    gold = np.diag(scores[:, : ROWS - 1])
    expected = (np.log(np.exp(scores).sum(axis=1)) - gold).sum()
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

"""One optimizer step: replicas and accumulation change nothing; clipping comes after the sum."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kortf import models, objectives
from kortf.train.loop.devices.strategy import make_strategy
from kortf.train.loop.step import StepOptions, Trainer, means
from kortf.train.optim.optimizers import make_optimizer
from kortf.train.optim.schedule import make_schedule
from kortf.train.programs.pretraining import Pretraining

LENGTH, ROWS = 16, 8


def features(step: int) -> dict:
    """A batch whose rows have very different numbers of targets, so that weighting matters."""
    rng = np.random.default_rng(step)
    ids = rng.integers(5, 50, (ROWS, LENGTH)).astype(np.int32)
    lengths = rng.integers(2, LENGTH + 1, ROWS)
    mask = np.arange(LENGTH)[None] < lengths[:, None]
    weights = (np.arange(4)[None] < rng.integers(1, 5, (ROWS, 1))).astype(np.float32)
    return {
        "token_ids": np.where(mask, ids, 0).astype(np.int32),
        "padding_mask": mask,
        "segment_ids": np.zeros((ROWS, LENGTH), np.int32),
        "mask_positions": rng.integers(0, 2, (ROWS, 4)).astype(np.int32),
        "mask_ids": rng.integers(5, 50, (ROWS, 4)).astype(np.int32),
        "mask_weights": weights,
        "mask_candidates": np.full(ROWS, 20, np.int32),
        "pair_label": rng.integers(0, 2, ROWS).astype(np.int32),
    }


def train(
    strategy="one", devices=0, accumulate=1, optimizer="adamw", steps=3, clip_norm=0.05, **settings
):
    keras.utils.set_random_seed(0)
    distribution = make_strategy(strategy, devices)
    with distribution.scope():
        encoder = models.build(
            "bert", vocabulary_size=50, num_layers=2, num_heads=2, hidden_dim=8, max_length=LENGTH,
            dropout=0.0,
        )  # fmt: skip
        recipe = objectives.build_all([{"name": "masked_lm"}, {"name": "next_sentence"}])
        for objective in recipe:
            objective.build(encoder)
        program = Pretraining(encoder, recipe)
        updates = make_optimizer(optimizer, program.variables(), **settings)
    schedule = make_schedule(1e-2, steps, warmup_steps=1)
    trainer = Trainer(program, updates, schedule, distribution, StepOptions(clip_norm, accumulate))
    options = tf.data.Options()
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    batches = [features(step) for step in range(steps)]
    dataset = tf.data.Dataset.from_tensor_slices(
        {name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]}
    )
    dataset = dataset.batch(ROWS, drop_remainder=True).with_options(options)
    totals = trainer.train(iter(distribution.experimental_distribute_dataset(dataset)), 0, steps)
    weights = {name: variable.numpy() for name, variable in program.variables().items()}
    return means(totals), weights, totals


@pytest.fixture(scope="module")
def alone():
    return train()


@pytest.mark.parametrize(
    "devices, accumulate",
    [
        pytest.param(2, 1, marks=pytest.mark.exhaustive),
        pytest.param(0, 4, marks=pytest.mark.exhaustive),
        (2, 2),
    ],
)
def test_replicas_and_accumulation_train_the_same_model(alone, devices, accumulate):
    values, weights, totals = train("mirrored" if devices else "one", devices, accumulate)
    for name, value in alone[1].items():
        # 5e-4 of a step: Adam scales the rounding of small gradients up, on some CPUs to 2e-6.
        np.testing.assert_allclose(weights[name], value, atol=5e-6, err_msg=name)
    for name, value in alone[0].items():
        assert values[name] == pytest.approx(value, abs=1e-5), name
    assert totals["real_tokens"][0] == alone[2]["real_tokens"][0]


def test_the_metrics_have_names(alone):
    assert {"loss", "masked_lm_loss", "masked_accuracy", "next_sentence_accuracy"} <= set(alone[0])
    assert alone[0]["loss"] > 0


@pytest.mark.exhaustive
@pytest.mark.parametrize("optimizer", [pytest.param("lamb", marks=pytest.mark.exhaustive), "muon"])
def test_other_optimizers_train(optimizer):
    first = train(optimizer=optimizer, steps=1)[0]["loss"]
    assert train(optimizer=optimizer, steps=12)[0]["loss"] < first


@pytest.mark.exhaustive
def test_replicas_take_the_same_steps_with_muon():
    """In float32: in bfloat16 the last bit of a gradient shows in the direction of the step."""
    settings = {"optimizer": "muon", "dtype": "float32"}
    weights = train(**settings)[1]
    for name, value in train("mirrored", 2, **settings)[1].items():
        np.testing.assert_allclose(value, weights[name], atol=1e-5, err_msg=name)


@pytest.mark.exhaustive
def test_a_step_is_a_function_of_its_number():
    """Two steps in one call are the two steps in two calls."""
    together, apart = train(steps=2), train(steps=2)
    for name, value in together[1].items():
        assert (apart[1][name] == value).all(), name


def test_micro_batches_follow_each_other():
    """Their activations must not be in memory together: a later one waits for the sums before."""
    keras.utils.set_random_seed(0)
    encoder = models.build(
        "bert", vocabulary_size=50, num_layers=1, num_heads=2, hidden_dim=8, max_length=LENGTH
    )
    recipe = objectives.build_all([{"name": "masked_lm"}])
    recipe[0].build(encoder)
    program = Pretraining(encoder, recipe)
    updates = make_optimizer("adamw", program.variables())
    options = StepOptions(1.0, accumulate=2)
    trainer = Trainer(program, updates, make_schedule(1e-2, 2), make_strategy("one", 0), options)
    batch = {name: tf.constant(value) for name, value in features(0).items()}
    graph = (
        tf.function(trainer._summed_gradients).get_concrete_function(batch, tf.constant(0)).graph
    )
    calls = [op for op in graph.get_operations() if "_gradients" in str(op.node_def.attr.get("f"))]
    assert len(calls) == 2
    sums = {op.name for op in calls[1].control_inputs if op.type.startswith("Add")}
    assert len(sums) >= 1 or calls[0] in calls[1].control_inputs

"""Replaced token detection: what is sampled, what is to be found, how it is counted."""

import numpy as np
import pytest
import tensorflow as tf

from kortf import models, objectives
from kortf.layers.kernels import gumbel_sample
from kortf.objectives.replaced_token import area_under_curve, distinct

ROWS, LENGTH, PIECES = 4, 12, 30


@pytest.fixture(scope="module")
def encoder():
    return models.build(
        "electra", vocabulary_size=PIECES, num_layers=1, num_heads=4, hidden_dim=16,
        embedding_dim=8, max_length=LENGTH, dropout=0.0, init_scale=0.5,
    )  # fmt: skip


def build(encoder, **settings):
    objective = objectives.build("replaced_token", **settings)
    objective.build(encoder)
    return objective


def masked(rows: int = ROWS) -> dict:
    rng = np.random.default_rng(0)
    ids = rng.integers(5, PIECES, (rows, LENGTH)).astype(np.int32)
    positions = np.tile([[2, 5, 9, 0]], (rows, 1)).astype(np.int32)
    corrupted = ids.copy()
    corrupted[:, [2, 5, 9]] = 4
    return {
        "token_ids": tf.constant(corrupted),
        "clean": ids,
        "padding_mask": tf.ones([rows, LENGTH], tf.bool),
        "mask_positions": tf.constant(positions),
        "mask_ids": tf.gather(ids, positions, batch_dims=1),
        "mask_weights": tf.tile([[1.0, 1.0, 1.0, 0.0]], [rows, 1]),
        "mask_candidates": tf.fill([rows], LENGTH),
        "draw_seed": tf.constant(rng.integers(0, 2**31, (rows, 2)).astype(np.int32)),
    }


def test_what_the_discriminator_reads(encoder):
    features = masked()
    prepared, scores = build(encoder).prepare(features, None)
    ids, replaced = prepared["token_ids"].numpy(), prepared["replaced"].numpy()
    assert (replaced == (ids != features["clean"])).all()
    assert 4 not in ids[:, [2, 5, 9]] or (ids == 4).sum() < 6  # masks are filled by samples
    untouched = np.delete(np.arange(LENGTH), [2, 5, 9])
    assert (ids[:, untouched] == features["clean"][:, untouched]).all()
    assert set(scores.losses) == {"generator"}
    assert scores.metrics["masked_share"][0] == 3 * ROWS


def test_the_true_piece_is_never_sampled_where_it_is_disallowed(encoder):
    prepared, _ = build(encoder, disallow_correct=True).prepare(masked(64), None)
    assert (prepared["replaced"].numpy()[:, [2, 5, 9]] == 1).all()


def test_a_row_draws_the_same_wherever_it_stands(encoder):
    objective, features = build(encoder), masked()
    whole = objective.prepare(features, None)[0]["token_ids"].numpy()
    half = {name: value[2:] for name, value in features.items()}
    assert (objective.prepare(half, None)[0]["token_ids"].numpy() == whole[2:]).all()


def test_the_generator_reads_through_the_same_embedding(encoder):
    generator, heads = build(encoder).companions["generator"]
    assert generator.embedding is encoder.embedding
    assert heads[0].token_embedding is encoder.token_embedding
    assert generator.hidden_dim == 4 and generator.settings["num_heads"] == 1


def test_no_gradient_goes_through_the_samples(encoder):
    objective, features = build(encoder, generator_weight=0.0), masked()
    generator, _ = objective.companions["generator"]
    own = [v.value for v in generator.layers.trainable_variables]
    with tf.GradientTape() as tape:
        prepared, first = objective.prepare(features, None)
        scores = objective.score(encoder(prepared), prepared, None)
        loss = first.losses["generator"] + scores.losses["replaced_token"]
    gradients = tape.gradient(loss, own, unconnected_gradients="zero")
    assert all((gradient.numpy() == 0).all() for gradient in gradients)


def test_disentangled_sharing_separates_the_gradients(encoder):
    objective, features = build(encoder, sharing="disentangled"), masked()
    (residual,) = objective.extras
    tables = [encoder.token_embedding.embeddings.value, residual.embeddings.value]
    with tf.GradientTape(persistent=True) as tape:
        prepared, first = objective.prepare(features, None)
        scores = objective.score(encoder(prepared), prepared, None)
        losses = [first.losses["generator"], scores.losses["replaced_token"]]
    reached = [
        [gradient is not None for gradient in tape.gradient(loss, tables)] for loss in losses
    ]
    assert reached == [[True, False], [False, True]]


def test_a_disentangled_encoder_is_saved_whole(encoder):
    objective, features = build(encoder, sharing="disentangled"), masked()
    (residual,) = objective.extras
    residual.embeddings.assign(tf.random.stateless_normal(residual.embeddings.shape, [1, 2]))
    prepared, _ = objective.prepare(features, None)
    trained = encoder(prepared)["sequence"]
    shared = encoder.token_embedding.embeddings.numpy()
    del prepared["token_residual"]
    with objective.folded(encoder):
        vectors = encoder.token_embedding.embeddings.numpy()
        np.testing.assert_allclose(encoder(prepared)["sequence"], trained, atol=1e-6)
    np.testing.assert_array_equal(encoder.token_embedding.embeddings.numpy(), shared)
    delta = residual.embeddings.numpy()
    residual.embeddings.assign(tf.zeros_like(delta))
    objective.unfold(vectors)
    np.testing.assert_allclose(residual.embeddings.numpy(), delta, atol=1e-6)


def test_samples_follow_the_softmax():
    logits = np.log([[0.5, 0.3, 0.15, 0.05]]).astype(np.float32).repeat(40_000, 0)
    seeds = np.stack([np.arange(40_000), np.full(40_000, 3)], axis=1).astype(np.int32)
    drawn = gumbel_sample(tf.constant(logits), tf.constant(seeds)).numpy()
    shares = np.bincount(drawn, minlength=4) / len(drawn)
    np.testing.assert_allclose(shares, [0.5, 0.3, 0.15, 0.05], atol=0.01)
    without = gumbel_sample(logits, seeds, tf.zeros(40_000, tf.int32)).numpy()
    shares = np.bincount(without, minlength=4) / len(drawn)
    np.testing.assert_allclose(shares, [0.0, 0.6, 0.3, 0.1], atol=0.01)


def test_the_kernel_draws_what_plain_tensorflow_draws():
    logits = tf.random.stateless_normal([64, 50], [1, 2])
    seeds = tf.random.stateless_uniform([64, 2], [3, 4], None, None, tf.int32)
    compiled = tf.function(gumbel_sample, autograph=False)(logits, seeds)
    assert (compiled.numpy() == gumbel_sample(logits, seeds).numpy()).all()


def test_distinct():
    found = distinct(tf.constant([[7, 9], [7, 5]]), tf.constant([[1.0, 1.0], [1.0, 0.0]]))
    assert [float(x) for x in found] == [2.0, 3.0]


def test_area_under_curve():
    scores, labels = tf.constant([0.1, 0.4, 0.35, 0.8]), tf.constant([0.0, 0.0, 1.0, 1.0])
    assert [float(x) for x in area_under_curve(scores, labels, tf.ones(4))] == [0.75, 1.0]
    alone = area_under_curve(scores, tf.zeros(4), tf.ones(4))
    assert [float(x) for x in alone] == [0.0, 0.0]


def test_area_is_the_chance_that_a_positive_scores_higher():
    rng = np.random.default_rng(0)
    scores, labels = rng.normal(size=200), rng.integers(0, 2, 200)
    weights = rng.integers(0, 2, 200)
    above = [
        s > t
        for s, a, v in zip(scores, labels, weights, strict=True)
        for t, b, w in zip(scores, labels, weights, strict=True)
        if a and v and w and not b
    ]
    found = area_under_curve(*(tf.constant(x, tf.float32) for x in (scores, labels, weights)))
    assert float(found[0]) == pytest.approx(np.mean(above), abs=1e-5)

"""Losses of sentence vectors against their definitions in NumPy."""

import numpy as np
import pytest
import tensorflow as tf

from kortf.layers.contrastive import (
    cosent_loss,
    cosine,
    cosine_regression_loss,
    in_batch_loss,
    nested_loss,
)

DRAW = np.random.default_rng(0)
ANCHORS, POSITIVES, NEGATIVES = DRAW.normal(size=(3, 6, 8)).astype(np.float32)
SCALE = 20.0


def unit(x):
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def test_each_positive_competes_with_all_candidates():
    found = in_batch_loss(ANCHORS, [POSITIVES, NEGATIVES], SCALE)
    for i in range(6):
        pool = np.concatenate([POSITIVES, NEGATIVES])
        scores = SCALE * unit(pool) @ unit(ANCHORS)[i]
        assert float(found[i]) == pytest.approx(
            -np.log(np.exp(scores[i]) / np.exp(scores).sum()), 1e-4
        )


def test_a_shard_of_the_anchors_has_the_losses_of_the_whole():
    whole = in_batch_loss(ANCHORS, [POSITIVES, NEGATIVES], SCALE)
    shards = [
        in_batch_loss(ANCHORS[i : i + 2], [POSITIVES, NEGATIVES], SCALE, first=i) for i in (0, 2, 4)
    ]
    np.testing.assert_allclose(np.concatenate(shards), whole, rtol=1e-6)
    alone = in_batch_loss(ANCHORS[:2], [POSITIVES[:2], NEGATIVES[:2]], SCALE)
    assert (whole[:2] > alone).numpy().all()  # more negatives, more loss


def test_cosent_sums_over_pairs_in_wrong_order():
    cosines, scores = np.array([0.1, 0.5, 0.4, 0.4], np.float32), np.array([3.0, 1.0, 2.0, 2.0])
    total = 1.0
    for i in range(4):
        for j in range(4):
            if scores[i] > scores[j]:
                total += np.exp(SCALE * (cosines[j] - cosines[i]))
    assert float(cosent_loss(cosines, scores, SCALE)) == pytest.approx(np.log(total), 1e-5)


def test_cosent_of_equal_scores_is_zero_with_a_finite_gradient():
    cosines = tf.constant([0.1, 0.5])
    with tf.GradientTape() as tape:
        tape.watch(cosines)
        loss = cosent_loss(cosines, tf.constant([2.0, 2.0]))
    assert float(loss) == 0.0
    np.testing.assert_array_equal(tape.gradient(loss, cosines), [0.0, 0.0])


def test_cosine_regression():
    found = cosine_regression_loss(cosine(ANCHORS, POSITIVES), tf.fill([6], 0.5))
    expected = (np.sum(unit(ANCHORS) * unit(POSITIVES), axis=1) - 0.5) ** 2
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_nested_dimensions_add_the_losses_of_leading_dimensions():
    def loss(anchors, positives):
        return in_batch_loss(anchors, [positives], SCALE)

    found = nested_loss(loss, [ANCHORS, POSITIVES], [8, 3])
    expected = loss(ANCHORS, POSITIVES) + loss(ANCHORS[:, :3], POSITIVES[:, :3])
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize("dimensions", [[], [0], [9]])
def test_dimensions_out_of_range_are_refused(dimensions):
    with pytest.raises(ValueError, match="dimensions"):
        nested_loss(lambda x: x, [tf.constant(ANCHORS)], dimensions)

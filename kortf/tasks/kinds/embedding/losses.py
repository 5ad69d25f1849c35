"""Losses over the vectors of a whole batch."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import tensorflow as tf

from kortf.layers.contrastive import (
    cosent_loss,
    cosine_regression_loss,
    nested_loss,
    ranking_loss,
)

CONTRASTIVE, COSENT, COSINE = "contrastive", "cosent", "cosine"
AUTO = "auto"
UNSCORED_LOSSES = (CONTRASTIVE,)
SCORED_LOSSES = (COSENT, COSINE)


class Similarity(NamedTuple):
    """A measure from -1 to 1 of what the head makes of texts, `[texts, …]`.

    Attributes:
        pairs: Function of the first and the second texts of rows; returns float32 `[rows]`.
        among: Function of anchors and candidates; returns float32 `[anchors, candidates]`.
    """

    pairs: Callable[[tf.Tensor, tf.Tensor], tf.Tensor]
    among: Callable[[tf.Tensor, tf.Tensor], tf.Tensor]


def batch_loss(
    loss: str,
    similarity: Similarity,
    vectors: Sequence[tf.Tensor],
    labels: tf.Tensor,
    weights: tf.Tensor,
    scale: float | tf.Tensor,
    dimensions: Sequence[int],
) -> tf.Tensor:
    """Return the loss of a batch times its number of real rows.

    Args:
        loss: `contrastive`, `cosent` or `cosine`.
        similarity: Measure of two texts.
        vectors: Two or more tensors `[rows, …, dim]`: the first texts of the rows, the second
            ones, ….
        labels: Scores of the pairs, float32 `[rows]`, for `cosine` from 0 to 1. For `contrastive`
            the numbers of the texts, float32 `[rows, texts]`: equal texts have one number.
        weights: 1, or 0 for a padding row, float32 `[rows]`.
        scale: Factor of the similarities.
        dimensions: Sizes to which vectors are also truncated; the losses of all sizes are added.

    Returns:
        float32 scalar.
    """
    real = weights > 0

    def contrastive(anchors, *candidates):
        mask = candidate_mask(labels, real, len(candidates))
        scores = scale * similarity.among(anchors, tf.concat(candidates, axis=0))
        return tf.reduce_sum(ranking_loss(scores, mask=mask) * weights)

    def cosent(first, second):
        mean = cosent_loss(similarity.pairs(first, second), labels, scale, mask=real)
        return mean * tf.reduce_sum(weights)

    def regression(first, second):
        found = similarity.pairs(first, second)
        return tf.reduce_sum(cosine_regression_loss(found, labels) * weights)

    function = {CONTRASTIVE: contrastive, COSENT: cosent, COSINE: regression}[loss]
    return nested_loss(function, vectors, dimensions)


def candidate_mask(numbers: tf.Tensor, real: tf.Tensor, lists: int) -> tf.Tensor:
    """Return which candidates count for each anchor of `ranking_loss`.

    Candidates of padding rows do not count. Neither do those whose text is the anchor's or its
    positive's, in another row: they would be false negatives.

    Example: the same text in two rows, beside another one
        >>> numbers, real = tf.constant([[0.0], [1.0], [0.0]]), tf.constant([True] * 3)
        >>> candidate_mask(numbers, real, 1).numpy().tolist()
        [[True, True, False], [True, True, True], [False, True, True]]

    Args:
        numbers: Numbers of the texts `[rows, texts]`. Of a single text, the second pass over it is
            the positive.
        real: bool `[rows]`.
        lists: Number of candidates of each row.

    Returns:
        bool `[rows, rows * lists]`.
    """
    rows = tf.shape(numbers)[0]
    if numbers.shape[1] == 1:
        numbers = tf.concat([numbers, numbers], axis=1)
    pool = tf.reshape(tf.transpose(numbers[:, 1:]), [1, -1])  # [1, rows * lists], list by list
    same = tf.equal(pool, numbers[:, :1]) | tf.equal(pool, numbers[:, 1:2])
    own = tf.range(rows)[:, None] == tf.range(rows * lists)[None, :]
    return own | (tf.tile(real, [lists])[None, :] & ~same)

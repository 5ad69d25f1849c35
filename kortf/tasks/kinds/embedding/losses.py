"""Losses over the sentence vectors of a whole batch."""

from collections.abc import Sequence

import tensorflow as tf

from kortf.layers.contrastive import (
    cosent_loss,
    cosine,
    cosine_regression_loss,
    in_batch_loss,
    nested_loss,
)

CONTRASTIVE, COSENT, COSINE = "contrastive", "cosent", "cosine"
AUTO = "auto"
UNSCORED_LOSSES = (CONTRASTIVE,)
SCORED_LOSSES = (COSENT, COSINE)


def batch_loss(
    loss: str,
    vectors: Sequence[tf.Tensor],
    labels: tf.Tensor,
    weights: tf.Tensor,
    scale: float | tf.Tensor,
    dimensions: Sequence[int],
) -> tf.Tensor:
    """Return the loss of a batch times its number of real rows.

    Args:
        loss: `contrastive`, `cosent` or `cosine`.
        vectors: Two or more tensors `[rows, dim]`: the first texts of the rows, the second ones, ….
        labels: Scores of the pairs, float32 `[rows]`, for `cosine` from 0 to 1. For `contrastive`
            the numbers of the texts, float32 `[rows, texts]`: equal texts have one number.
        weights: 1, or 0 for a padding row, float32 `[rows]`.
        scale: Factor of the cosines.
        dimensions: Sizes to which vectors are also truncated; the losses of all sizes are added.

    Returns:
        float32 scalar.
    """
    real = weights > 0

    def contrastive(*vectors):
        mask = candidate_mask(labels, real, len(vectors) - 1)
        losses = in_batch_loss(vectors[0], vectors[1:], scale, mask=mask)
        return tf.reduce_sum(losses * weights)

    def cosent(first, second):
        mean = cosent_loss(cosine(first, second), labels, scale, mask=real)
        return mean * tf.reduce_sum(weights)

    def regression(first, second):
        return tf.reduce_sum(cosine_regression_loss(cosine(first, second), labels) * weights)

    function = {CONTRASTIVE: contrastive, COSENT: cosent, COSINE: regression}[loss]
    return nested_loss(function, vectors, dimensions)


def candidate_mask(numbers: tf.Tensor, real: tf.Tensor, lists: int) -> tf.Tensor:
    """Return which candidates count for each anchor of `in_batch_loss`.

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

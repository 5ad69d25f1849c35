"""Losses of sentence vectors: in-batch negatives, CoSENT, cosine regression, nested dimensions."""

from collections.abc import Callable, Sequence

import tensorflow as tf

_BARRED = -1e9  # score of a candidate that does not count


def normalized(vectors: tf.Tensor) -> tf.Tensor:
    """Return `vectors` `[..., dim]` scaled to length 1, in float32."""
    return tf.math.l2_normalize(tf.cast(vectors, tf.float32), axis=-1)


def in_batch_loss(
    anchors: tf.Tensor,
    candidates: Sequence[tf.Tensor],
    scale: float | tf.Tensor,
    first=0,
    mask: tf.Tensor | None = None,
) -> tf.Tensor:
    """Return the cross-entropy of each anchor's positive among all candidates of the batch.

    Multiple-negatives ranking (Henderson et al. 2017). With two passes of the same texts under
    different dropout as anchors and candidates it is unsupervised SimCSE (Gao et al. 2021).

    Example: two anchors that equal their positives, which are orthogonal
        >>> in_batch_loss(tf.eye(2), [tf.eye(2)], 1.0)
        [0.3133, 0.3133]

    Args:
        anchors: `[rows, dim]`.
        candidates: Positives `[pool, dim]`, then any number of hard negatives `[pool, dim]`. The
            pool may hold the rows of all replicas.
        scale: Factor of the cosines: the inverse of the temperature.
        first: Index in the pool of the first anchor's positive.
        mask: bool `[rows, pool * lists]`, true for the candidates of an anchor; all if None. The
            positives must be among them.

    Returns:
        float32 `[rows]`, nats.
    """
    return ranking_loss(scale * cosines(anchors, tf.concat(candidates, axis=0)), first, mask)


def ranking_loss(scores: tf.Tensor, first=0, mask: tf.Tensor | None = None) -> tf.Tensor:
    """Return the cross-entropy of each anchor's positive, float32 `[rows]`, nats.

    Args:
        scores: Scaled similarities of each anchor with each candidate, float32 `[rows, pool]`.
        first: Index in the pool of the first anchor's positive.
        mask: bool `[rows, pool]`, true for the candidates of an anchor; all if None.
    """
    if mask is not None:
        scores = tf.where(mask, scores, _BARRED)
    positives = first + tf.range(tf.shape(scores)[0])
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=positives, logits=scores)


def cosines(anchors: tf.Tensor, pool: tf.Tensor) -> tf.Tensor:
    """Return the cosine of each anchor with each candidate, float32 `[rows, pool]`.

    Args:
        anchors: `[rows, dim]`.
        pool: `[pool, dim]`.
    """
    return tf.matmul(normalized(anchors), normalized(pool), transpose_b=True)


def cosine(first: tf.Tensor, second: tf.Tensor) -> tf.Tensor:
    """Return the cosine of each pair of rows, float32 `[rows]`, for two `[rows, dim]`."""
    return tf.reduce_sum(normalized(first) * normalized(second), axis=-1)


def cosent_loss(
    cosines: tf.Tensor,
    scores: tf.Tensor,
    scale: float | tf.Tensor = 20.0,
    mask: tf.Tensor | None = None,
) -> tf.Tensor:
    """Return the CoSENT loss: pairs with a higher score should have a higher cosine.

    `log(1 + sum exp(scale * (cos_j - cos_i)))` over all `i`, `j` with `score_i > score_j`
    (Su 2022).

    Args:
        cosines: Cosines of the pairs, float32 `[rows]`.
        scores: Gold similarities `[rows]`.
        scale: Factor of the cosines.
        mask: bool `[rows]`, true for the rows that count; all if None.

    Returns:
        float32 scalar.
    """
    gaps = scale * (cosines[None, :] - cosines[:, None])  # [rows, rows], cos_j - cos_i
    ordered = scores[:, None] > scores[None, :]
    if mask is not None:
        ordered &= mask[:, None] & mask[None, :]
    gaps = tf.where(ordered, gaps, float("-inf"))
    return tf.reduce_logsumexp(tf.concat([[0.0], tf.reshape(gaps, [-1])], axis=0))


def cosine_regression_loss(cosines: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
    """Return the squared error of each cosine against its target in [-1, 1], float32 `[rows]`."""
    return tf.square(cosines - tf.cast(targets, tf.float32))


def nested_loss(
    loss: Callable[..., tf.Tensor], vectors: Sequence[tf.Tensor], dimensions: Sequence[int]
) -> tf.Tensor:
    """Return the sum of a loss over the leading dimensions of vectors (Kusupati et al. 2022).

    Args:
        loss: Function of the truncated vectors.
        vectors: Tensors `[rows, …, dim]`.
        dimensions: Sizes to truncate to, such as `[256, 128, 64]`.

    Raises:
        ValueError: A size is not between 1 and `dim`.
    """
    dim = vectors[0].shape[-1]
    wrong = [size for size in dimensions if not 1 <= size <= dim]
    if wrong or not dimensions:
        raise ValueError(f"dimensions={list(dimensions)}: each must be from 1 to {dim}")
    return tf.add_n([loss(*(vector[..., :size] for vector in vectors)) for size in dimensions])

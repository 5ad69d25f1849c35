"""Divergence of two distributions."""

from keras import KerasTensor, ops


def symmetric_divergence(logits, others) -> KerasTensor:
    """Return the mean of both Kullback-Leibler divergences between softmax distributions.

    Example: `[0.5, 0.5]` and `[0.9, 0.1]` are 0.5108 and 0.3681 apart, on average 0.4394.

    Args:
        logits: `[…, classes]`, of the first distributions.
        others: The same, of the second ones.

    Returns:
        `[…]`, nats.
    """
    first, second = ops.log_softmax(logits), ops.log_softmax(others)
    # KL(p, q) + KL(q, p) = sum of (p - q) * (log p - log q).
    return 0.5 * ops.sum((ops.exp(first) - ops.exp(second)) * (first - second), axis=-1)

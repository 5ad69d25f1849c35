"""Cross-entropy against labels that leave a share to all classes."""

from keras import KerasTensor, ops

from kortf.layers import kernels as kernels


def smoothed_cross_entropy(logits, labels, smoothing: float = 0.0) -> KerasTensor:
    """Softmax cross-entropy with smoothed labels (Szegedy et al. 2016, section 7).

    Example: of three classes with the logits 0, 0, 0 each label costs log 3. With the logits
        2, 0, 0 the first costs 0.2395; smoothed by 0.3, `0.7 * 0.2395 + 0.3 * 1.5729`, which is
        0.6395.

    Args:
        logits: float32 `[rows, classes]`.
        labels: int32 `[rows]`.
        smoothing: The share of a label that is spread over all classes, its own among them.

    Returns:
        float32 `[rows]`, nats.
    """
    loss, _ = kernels.cross_entropy(logits, labels)
    if not smoothing:
        return loss
    own = ops.take_along_axis(logits, labels[:, None], axis=1)[:, 0]
    # The mean over all classes costs as much more than the label as its logit is above theirs.
    return loss + smoothing * (own - ops.mean(logits, axis=1))

"""Cross-entropy as one kernel."""

import tensorflow as tf

from kortf.layers.kernels.compiled import one_kernel, own_gradient, to_float


def _cross_entropy_forward(logits, labels):
    x = to_float(logits)
    top = tf.reduce_max(x, axis=-1)
    normaliser = top + tf.math.log(tf.reduce_sum(tf.exp(x - top[:, None]), axis=-1))
    own = tf.gather(x, labels, batch_dims=1)
    return normaliser - own, tf.cast(own >= top, tf.float32), normaliser


def _cross_entropy_backward(logits, labels, normaliser, upstream):
    d = tf.exp(to_float(logits) - normaliser[:, None]) * upstream[:, None]
    classes = tf.range(tf.shape(logits)[1], dtype=labels.dtype)
    d -= tf.where(classes[None, :] == labels[:, None], upstream[:, None], 0.0)
    return tf.cast(d, logits.dtype)


_cross_entropy = one_kernel(_cross_entropy_forward), one_kernel(_cross_entropy_backward)


def cross_entropy(logits: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Softmax cross-entropy of each row, and whether its label has the highest logit.

    The logits are read in their own dtype and never stored in float32.

    Args:
        logits: `[rows, classes]`.
        labels: int32 `[rows]`.

    Returns:
        `(loss, correct)`, both float32 `[rows]`, the loss in nats.
    """
    forward, backward = _cross_entropy

    @own_gradient
    def run(logits):
        loss, correct, normaliser = forward(logits, labels)
        return (loss, correct), lambda upstream, _: backward(logits, labels, normaliser, upstream)

    return run(logits)

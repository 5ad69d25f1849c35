"""GELU as one kernel."""

import functools

import tensorflow as tf

from kortf.layers.kernels.compiled import one_kernel, own_gradient, to_float


def _gelu_forward(x, approximate):
    return tf.cast(tf.nn.gelu(to_float(x), approximate), x.dtype)


def _gelu_backward(x, upstream, approximate):
    x32 = to_float(x)
    if approximate:
        root, cubic = 0.7978845608028654, 0.044715  # sqrt(2/pi)
        # (1 + tanh(y)) / 2 is sigmoid(2 y), which loses no digits where it is near 0.
        gate = tf.sigmoid(2 * root * (x32 + cubic * x32**3))
        slope = gate * (1 + x32 * (1 - gate) * 2 * root * (1 + 3 * cubic * x32**2))
    else:
        cdf = 0.5 * (1 + tf.math.erf(x32 * 0.7071067811865476))  # 1/sqrt(2)
        slope = cdf + x32 * tf.exp(-0.5 * x32**2) * 0.3989422804014327  # 1/sqrt(2 pi)
    return tf.cast(slope * to_float(upstream), x.dtype)


_GELU = {
    approximate: (
        one_kernel(functools.partial(_gelu_forward, approximate=approximate)),
        one_kernel(functools.partial(_gelu_backward, approximate=approximate)),
    )
    for approximate in (False, True)
}


def gelu(x: tf.Tensor, approximate: bool = False) -> tf.Tensor:
    """Gaussian error linear unit (Hendrycks and Gimpel 2016), by erf or, if `approximate`, by tanh.

    Args:
        x: Any shape.
        approximate: Whether to take the tanh formula.

    Returns:
        Tensor of the shape and dtype of `x`.
    """
    forward, backward = _GELU[approximate]

    @own_gradient
    def run(x):
        return forward(x), lambda upstream: backward(x, upstream)

    return run(x)

"""Exponential moving averages of weights."""

import contextlib
from collections.abc import Iterator, Sequence

import tensorflow as tf

from kortf.errors import InputError
from kortf.layers.kernels.compiled import one_kernel


class Averages:
    """Moving averages of weights (Polyak and Juditsky 1992).

    After step t, counted from 0, an average becomes `d * average + (1 - d) * weight`, with
    `d = min(decay, (1 + t) / (10 + t))`: the weights of the first steps, which still change much,
    soon lose their influence.

    Args:
        variables: Variables to average; the averages start at their values.
        decay: Decay of an average in a step, in (0, 1).

    Raises:
        InputError: The decay is not in its range.
    """

    def __init__(self, variables: Sequence[tf.Variable], decay: float):
        if not 0 < decay < 1:
            raise InputError(
                f"config.ema_decay={decay}",
                "must be above 0 and below 1",
                "choose 0.99 to 0.9999, or 0.0 for no averages",
            )
        self.variables = list(variables)
        self.decay = decay
        self.values = [tf.Variable(tf.identity(v), trainable=False) for v in self.variables]

    def apply(self, strategy: tf.distribute.Strategy, step: tf.Tensor, ok: tf.Tensor) -> None:
        """Update the averages after a step; called in cross-replica context.

        Args:
            strategy: Strategy that holds the variables.
            step: int32 scalar, from 0.
            ok: bool scalar; where it is False, the averages do not change.
        """
        for average, variable in zip(self.values, self.variables, strict=True):
            own = (variable, tf.constant(self.decay), step, ok)
            strategy.extended.update(average, self._update, args=own, group=False)

    @staticmethod
    def _update(average, variable, *own) -> None:
        new = _blended(tf.convert_to_tensor(average), tf.convert_to_tensor(variable), *own)
        average.assign(new)

    @contextlib.contextmanager
    def in_place(self) -> Iterator[None]:
        """Replace the weights by the averages inside the block."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    def _swap(self) -> None:
        for average, variable in zip(self.values, self.variables, strict=True):
            weight = variable.numpy()
            variable.assign(average.numpy())
            average.assign(weight)


@one_kernel
def _blended(average, weight, decay, step, ok):
    """One kernel, which all variables of a shape share."""
    count = tf.cast(step, tf.float32)
    decay = tf.minimum(decay, (1.0 + count) / (10.0 + count))
    return tf.where(ok, average + (1.0 - decay) * (weight - average), average)

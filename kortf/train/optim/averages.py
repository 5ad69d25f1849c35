"""Exponential moving averages of weights."""

import contextlib
import functools
from collections.abc import Iterator, Sequence

import tensorflow as tf

from kortf.errors import InputError


class Averages:
    """A moving average of each weight beside it (Polyak and Juditsky 1992).

    After step t, counted from 0, an average goes to `d * average + (1 - d) * weight`, with
    `d = min(decay, (1 + t) / (10 + t))`: the first steps, whose weights are far from where they
    will be, are soon forgotten.

    Args:
        variables: whose averages they are; they begin with their values.
        decay: how much of an average a step leaves, in (0, 1).

    Raises:
        InputError: the decay is not in its range.
    """

    def __init__(self, variables: Sequence[tf.Variable], decay: float):
        if not 0 < decay < 1:
            raise InputError(
                f"config.ema_decay={decay}",
                "what a step leaves of an average is a share of it, below 1",
                "choose 0.99 to 0.9999, or 0.0 for no averages",
            )
        self.variables = list(variables)
        self.decay = decay
        self.values = [tf.Variable(tf.identity(v), trainable=False) for v in self.variables]

    def apply(self, strategy: tf.distribute.Strategy, step: tf.Tensor, ok: tf.Tensor) -> None:
        """Takes the weights after a step in; called in cross-replica context.

        Args:
            strategy: which holds the variables.
            step: int32 scalar, from 0.
            ok: bool scalar; where it is False, the averages stay as they are.
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
        """Inside the block, the weights are the averages."""
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


@functools.partial(tf.function, jit_compile=True, autograph=False)
def _blended(average, weight, decay, step, ok):
    """One kernel, which all variables of a shape share."""
    count = tf.cast(step, tf.float32)
    decay = tf.minimum(decay, (1.0 + count) / (10.0 + count))
    return tf.where(ok, average + (1.0 - decay) * (weight - average), average)

"""What optimizers share, AdamW and LAMB: all of an update in one kernel a variable."""

import abc
import contextlib
import functools
import re
from collections.abc import Callable, Sequence

import tensorflow as tf

from kortf.train.optim.averages import Averages

# Biases and normalisation weights are neither decayed nor, in LAMB, scaled by the trust ratio.
EXCLUDED = r"bias|gamma|beta"


class Optimizer(abc.ABC):
    """Adam moments with decoupled weight decay; a subclass says how far a step goes.

    Args:
        variables: named trainable variables.
        weight_decay: decay of all variables whose name does not match `exclude`.
        beta_1: decay of the first moment.
        beta_2: decay of the second moment.
        epsilon: added to the root of the second moment.
        exclude: regular expression searched for in a name.
        scales: factor of the learning rate by variable name; 1 where missing.
        ema_decay: decay of moving averages of the weights, as in `Averages`; 0 for none.
    """

    def __init__(
        self,
        variables: dict[str, tf.Variable],
        weight_decay: float = 0.01,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-6,
        exclude: str = EXCLUDED,
        scales: dict[str, float] | None = None,
        ema_decay: float = 0.0,
    ):
        self.names = list(variables)
        self.variables = list(variables.values())
        self.decays = [0.0 if re.search(exclude, name) else weight_decay for name in self.names]
        self.adapts = [not re.search(exclude, name) for name in self.names]
        self.scales = [(scales or {}).get(name, 1.0) for name in self.names]
        self.first = [_slot(variable, variable.shape) for variable in self.variables]
        self.second = [
            _slot(variable, variable.shape if self.second_moment(name, variable) else (0,))
            for name, variable in variables.items()
        ]
        self.averages = Averages(self.variables, ema_decay) if ema_decay else None
        self._kernel = _kernel(self.ratio, beta_1, beta_2, epsilon)

    def second_moment(self, name: str, variable: tf.Variable) -> bool:
        """Whether the second moment of a variable is kept."""
        return True

    def update(self, index: int) -> Callable:
        """The update of the variable of this number: `(values, settings…)` to new values."""
        return self._kernel

    def state(self) -> dict[str, tf.Variable]:
        """The moments, and averages if there are any, by name, for checkpoints."""
        slots = {"first": self.first, "second": self.second}
        if self.averages is not None:
            slots["average"] = self.averages.values
        return {
            f"{slot}/{name}": variable
            for slot, variables in slots.items()
            for name, variable in zip(self.names, variables, strict=True)
        }

    def averaged(self) -> contextlib.AbstractContextManager:
        """Inside of it the weights are their averages, if there are any."""
        return contextlib.nullcontext() if self.averages is None else self.averages.in_place()

    def apply(
        self,
        strategy: tf.distribute.Strategy,
        gradients: Sequence[tf.Tensor],
        scale: tf.Tensor,
        learning_rate: tf.Tensor,
        step: tf.Tensor,
        ok: tf.Tensor | bool = True,
    ) -> None:
        """Updates all variables; called in cross-replica context.

        Args:
            strategy: which holds the variables.
            gradients: one a variable, equal on all replicas.
            scale: factor of all gradients (clipping).
            learning_rate: of this step.
            step: int32 scalar, from 0.
            ok: bool scalar; where it is False, variables and moments stay as they are.
        """
        ok = tf.convert_to_tensor(ok) if isinstance(ok, bool) else ok
        rows = zip(
            self.variables, self.first, self.second, gradients, self.decays, self.adapts,
            self.scales, strict=True,
        )  # fmt: skip
        for index, row in enumerate(rows):
            variable, first, second, gradient, decay, adapt, rate_scale = row
            # As tensors: variables of one shape share one compiled kernel.
            # Not multiplied here: across replicas, scale and learning rate are a value for each.
            settings = (tf.constant(rate_scale), tf.constant(decay), tf.constant(adapt))
            own = (scale, learning_rate, *settings, step, ok)
            update = functools.partial(_update, self.update(index))
            strategy.extended.update(
                variable, update, args=(first, second, gradient, *own), group=False
            )
        if self.averages is not None:
            self.averages.apply(strategy, step, ok)

    @staticmethod
    @abc.abstractmethod
    def ratio(variable: tf.Tensor, update: tf.Tensor, adapt: tf.Tensor) -> tf.Tensor | float:
        """Factor of the learning rate for one variable; `adapt` is false for the excluded."""


@functools.cache
def _kernel(ratio: Callable, beta_1: float, beta_2: float, epsilon: float) -> Callable:
    """The update as one kernel, which all optimizers of these settings share."""

    def new_values(v, m, s, g, scale, rate, rate_scale, decay, adapt, step, ok):
        # Bias correction: Kingma and Ba 2015, algorithm 1.
        g = g * scale
        count = tf.cast(step, tf.float32) + 1.0
        new_m = m + (1.0 - beta_1) * (g - m)
        new_s = s + (1.0 - beta_2) * (g * g - s)
        unbiased_m = new_m / (1.0 - tf.pow(beta_1, count))
        unbiased_s = new_s / (1.0 - tf.pow(beta_2, count))
        update = unbiased_m / (tf.sqrt(unbiased_s) + epsilon) + decay * v
        new_v = v - rate * rate_scale * ratio(v, update, adapt) * update
        # Chosen here, where all of them are at hand: a pass of its own would read everything again.
        return tuple(tf.where(ok, new, old) for new, old in ((new_v, v), (new_m, m), (new_s, s)))

    return tf.function(new_values, jit_compile=True, autograph=False)


def _update(kernel: Callable, variable, first, second, gradient, *own) -> None:
    v, m, s = kernel(
        tf.convert_to_tensor(variable), tf.convert_to_tensor(first),
        tf.convert_to_tensor(second), gradient, *own,
    )  # fmt: skip
    variable.assign(v)
    first.assign(m)
    second.assign(s)


def _slot(variable: tf.Variable, shape) -> tf.Variable:
    return tf.Variable(tf.zeros(shape, variable.dtype), trainable=False)


class AdamW(Optimizer):
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019), times the learning rate."""

    @staticmethod
    def ratio(variable, update, adapt) -> float:
        return 1.0


class Lamb(Optimizer):
    """LAMB (You et al. 2020, algorithm 2): the decay stands inside the trust ratio."""

    @staticmethod
    def ratio(variable, update, adapt) -> tf.Tensor:
        size, length = tf.norm(variable), tf.norm(update)
        known = adapt & (size > 0) & (length > 0)
        return tf.where(known, size / tf.where(length > 0, length, 1.0), 1.0)

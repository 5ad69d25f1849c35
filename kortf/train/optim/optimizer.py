"""AdamW, StableAdamW and LAMB: one compiled kernel updates a variable."""

import abc
import contextlib
import functools
import re
from collections.abc import Callable, Sequence

import tensorflow as tf

from kortf.layers.kernels.compiled import one_kernel
from kortf.ranges import Expression, Fraction, NonNegative, Positive
from kortf.train.optim.averages import Averages

# Biases, normalisation weights and temperatures are not decayed, nor scaled by LAMB's trust ratio.
EXCLUDED = r"bias|gamma|beta|log_scale"


class Optimizer(abc.ABC):
    """Adam moments with decoupled weight decay; a subclass scales the learning rate.

    Args:
        variables: Named trainable variables.
        weight_decay: Decay of all variables whose name does not match `exclude`.
        beta_1: Decay of the first moment.
        beta_2: Decay of the second moment.
        epsilon: Term added to the root of the second moment.
        exclude: Regular expression searched for in a name.
        scales: Factor of the learning rate by variable name; 1 where missing.
        ema_decay: Decay of moving averages of the weights, as in `Averages`; 0 for none.
        bias_correction: Whether the moments are divided by `1 - beta**step` (Kingma and Ba 2015).
            The optimizers in the published code of BERT, ALBERT and ELECTRA do not do that.
    """

    def __init__(
        self,
        variables: dict[str, tf.Variable],
        weight_decay: NonNegative = 0.01,
        beta_1: Fraction = 0.9,
        beta_2: Fraction = 0.999,
        epsilon: Positive = 1e-6,
        exclude: Expression = EXCLUDED,
        scales: dict[str, float] | None = None,
        ema_decay: Fraction = 0.0,
        bias_correction: bool = True,
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
        self._kernel = _kernel(self.ratio, beta_1, beta_2, epsilon, bias_correction)

    def second_moment(self, name: str, variable: tf.Variable) -> bool:
        """Return whether the second moment of a variable is kept."""
        return True

    def update(self, index: int) -> Callable:
        """Return the update of the variable with this number: `(values, settings…)` to values."""
        return self._kernel

    def state(self) -> dict[str, tf.Variable]:
        """Return the moments, and averages if there are any, by name, for checkpoints."""
        slots = {"first": self.first, "second": self.second}
        if self.averages is not None:
            slots["average"] = self.averages.values
        return {
            f"{slot}/{name}": variable
            for slot, variables in slots.items()
            for name, variable in zip(self.names, variables, strict=True)
        }

    def averaged(self) -> contextlib.AbstractContextManager:
        """Return a context in which the weights are their averages, if there are any."""
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
        """Update all variables; called in cross-replica context.

        Args:
            strategy: Strategy that holds the variables.
            gradients: One gradient a variable, equal on all replicas.
            scale: Factor of all gradients (clipping).
            learning_rate: Learning rate of this step.
            step: int32 scalar, from 0.
            ok: bool scalar; where it is False, variables and moments do not change.
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
    def ratio(
        variable: tf.Tensor, update: tf.Tensor, adapt: tf.Tensor, normalised: Callable
    ) -> tf.Tensor | float:
        """Return the factor of the learning rate for one variable.

        Args:
            variable: Value of the variable.
            update: Step in units of the learning rate.
            adapt: bool scalar, False for the excluded variables.
            normalised: Gives the squared gradient by element over its running mean.
        """


@functools.cache
def _kernel(
    ratio: Callable, beta_1: float, beta_2: float, epsilon: float, bias_correction: bool
) -> Callable:
    """Return the update as one kernel, which all optimizers with these settings share."""

    def new_values(v, m, s, g, scale, rate, rate_scale, decay, adapt, step, ok):
        g = g * scale
        count = tf.cast(step, tf.float32) + 1.0
        new_m = m + (1.0 - beta_1) * (g - m)
        new_s = s + (1.0 - beta_2) * (g * g - s)
        mean, square = new_m, new_s
        if bias_correction:  # Kingma and Ba 2015, algorithm 1
            mean = new_m / (1.0 - tf.pow(beta_1, count))
            square = new_s / (1.0 - tf.pow(beta_2, count))
        update = mean / (tf.sqrt(square) + epsilon) + decay * v

        def normalised():
            return g * g / tf.maximum(square, epsilon**2)

        new_v = v - rate * rate_scale * ratio(v, update, adapt, normalised) * update
        # Chosen here, where all of them are at hand: a pass of its own would read everything again.
        return tuple(tf.where(ok, new, old) for new, old in ((new_v, v), (new_m, m), (new_s, s)))

    return one_kernel(new_values)


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
    def ratio(variable, update, adapt, normalised) -> float:
        return 1.0


class StableAdamW(Optimizer):
    """AdamW whose learning rate is divided by the RMS of surprising gradients.

    The RMS of the gradient over its running scale is about 1; where it is larger, the second moment
    lags behind and the step would be too long (Wortsman et al. 2023, algorithm 2).
    """

    @staticmethod
    def ratio(variable, update, adapt, normalised) -> tf.Tensor:
        return 1.0 / tf.maximum(1.0, tf.sqrt(tf.reduce_mean(normalised())))


class Lamb(Optimizer):
    """LAMB (You et al. 2020, algorithm 2): the decay is inside the trust ratio."""

    @staticmethod
    def ratio(variable, update, adapt, normalised) -> tf.Tensor:
        size, length = tf.norm(variable), tf.norm(update)
        known = adapt & (size > 0) & (length > 0)
        return tf.where(known, size / tf.where(length > 0, length, 1.0), 1.0)

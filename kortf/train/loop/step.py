"""One optimizer step for any number of replicas and micro-batches, and the loop over steps.

Every weighted loss is divided by the sum of its weights over the *global* batch, gradients are
summed over the replicas, and only then clipped: one replica, many replicas and accumulation train
the same model. A step whose loss or gradient is not finite changes nothing, and neither does a
later step on the device: the host finds the weights as they were before it.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from kortf.errors import InputError
from kortf.layers import random
from kortf.train.loop.coupled import CoupledGradients
from kortf.train.optim.adversary import Adversary
from kortf.train.optim.optimizer import Optimizer
from kortf.train.programs.program import CoupledProgram, Program

Totals = dict[str, np.ndarray]
"""Sums over an interval: metric name to `[sum, count]`."""

MOST_METRICS = 64  # a fixed size keeps the shapes of a step static


@dataclass(frozen=True)
class StepOptions:
    """Settings of a training step.

    Args:
        clip_norm: Largest global norm of the gradients; 0 for no clipping.
        accumulate: Micro-batches a step.
        seed: Seed of dropout.
        jit_compile: Whether XLA compiles the forward and backward pass as a whole.
    """

    clip_norm: float = 1.0
    accumulate: int = 1
    seed: int = 0
    jit_compile: bool = False


class Trainer:
    """Runs steps of a program on a strategy.

    Args:
        program: Program to train, made under `strategy.scope()`.
        optimizer: Optimizer, made under the same scope.
        schedule: Function from the step to the learning rate.
        strategy: Strategy that places the replicas.
        options: Settings of a step.
        adversary: Adds a second pass over each micro-batch, with moved token vectors.
    """

    def __init__(
        self,
        program: Program,
        optimizer: Optimizer,
        schedule: Callable[[tf.Tensor], tf.Tensor],
        strategy: tf.distribute.Strategy,
        options: StepOptions = StepOptions(),
        adversary: Adversary | None = None,
    ):
        self.program = program
        self.optimizer = optimizer
        self.schedule = schedule
        self.strategy = strategy
        self.options = options
        self.adversary = adversary
        # Only the loop over steps is written for autograph; to convert the rest takes seconds.
        plain = {"autograph": False}
        compiled = options.jit_compile or None
        self._coupled = None
        shared = strategy.num_replicas_in_sync > 1 or options.accumulate > 1
        if shared and isinstance(program, CoupledProgram):
            self._coupled = CoupledGradients(
                program, optimizer.variables, strategy, options.accumulate, options.jit_compile
            )
        self._backward = tf.function(self._gradients, jit_compile=compiled, **plain)
        self._steps = tf.function(self._run_steps)
        self._one = tf.function(self._run_one, **plain)
        self._again = tf.function(self._run_again, **plain)
        self._evaluate = tf.function(self._run_evaluation, **plain)

    def trace(self, batches: Iterator) -> None:
        """Trace the step without running it."""
        self._steps.get_concrete_function(batches, *_step_arguments(0, 1, {}))

    def train(
        self, batches: Iterator, first_step: int, steps: int, before: Totals | None = None
    ) -> Totals:
        """Run `steps` steps on the device without returning to the host.

        Args:
            batches: Iterator of the strategy's distributed dataset.
            first_step: Number of the first step.
            steps: Number of steps.
            before: Sums of earlier steps, which these are added to one by one: so the sums do not
                depend on how the steps are divided into calls.

        Returns:
            Sums of all metrics, with `loss` (mean over steps), `learning_rate` and `gradient_norm`.
            Where a step was not finite, `bad_step` is `[number of the first such step, 1]`; the
            weights are those before it.
        """
        totals, going = self._steps(batches, *_step_arguments(first_step, steps, before or {}))
        totals = {name: value.numpy() for name, value in totals.items()}
        taken = int(going[1])
        if taken == steps:
            return totals
        return totals | {"bad_step": np.array([first_step + taken, 1])}

    def not_finite(self, batches: Iterator, step: int) -> list[str]:
        """Compute a step without applying it, and name its values that are not finite.

        Args:
            batches: Iterator that begins with the batch of this step.
            step: Number of the step.

        Returns:
            Any of `loss/NAME`, `gradient/NAME` and `gradient_norm`, gradients in the order of the
            variables.
        """
        finite = self._again(next(batches), tf.constant(step, tf.int32))
        order = [f"gradient/{name}" for name in self.optimizer.names]
        order = [name for name in finite if name not in order] + order
        return [name for name in order if not finite[name]]

    def broken_weights(self) -> list[str]:
        """Return the names of the variables that are not finite."""
        named = zip(self.optimizer.names, self.optimizer.variables, strict=True)
        return [name for name, variable in named if not _all_finite(variable)]

    def evaluate(self, batches) -> Totals:
        """Score all batches of a distributed dataset without dropout."""
        totals: Totals = {}
        for features in batches:
            for name, value in self._evaluate(features).items():
                totals[name] = totals.get(name, 0.0) + value.numpy()
        return totals

    def _run_steps(self, batches, first_step, steps, before):
        # Whether all steps were finite, and how many were taken. Not whole numbers: int32 would
        # live in the host's memory and make the device wait for it, and a TPU has no int64.
        totals, going = self._one(next(batches), first_step, tf.constant([1.0, 0.0]))
        totals = _added(totals, before)
        for step in tf.range(first_step + 1, first_step + steps):
            more, going = self._one(next(batches), step, going)
            totals = {name: totals[name] + more[name] for name in totals}
        return totals, going

    def _run_one(self, features, step, going):
        totals = self._local(self.strategy.run(self._replica_step, args=(features, step, going)))
        going = totals.pop("going")
        return totals, going

    def _run_again(self, features, step):
        def again(features, step):
            gradients, losses, _ = self._summed_gradients(features, step)
            named = zip(self.optimizer.names, gradients, strict=True)
            values = losses | {f"gradient/{name}": gradient for name, gradient in named}
            values["gradient_norm"] = tf.linalg.global_norm(gradients)
            return {name: _all_finite(value) for name, value in values.items()}

        return self._local(self.strategy.run(again, args=(features, step)))

    def _run_evaluation(self, features):
        def score(features):
            return self._summed(_stacked(self.program.score(features, None).metrics))

        return self._local(self.strategy.run(score, args=(features,)))

    def _local(self, values):
        return {name: self.strategy.experimental_local_results(v)[0] for name, v in values.items()}

    def _summed(self, values):
        """Sum over all replicas, on each of them."""
        if self.strategy.num_replicas_in_sync == 1:
            return values
        return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, values)

    def _summed_gradients(self, features, step):
        """Gradients, losses and metrics of the global batch, on each replica."""
        context = tf.distribute.get_replica_context()
        replica = tf.cast(context.replica_id_in_sync_group, tf.int32)
        seed = random.fold_in(tf.stack([self.options.seed, step]), replica)
        weights = self._summed(self.program.weights(features))
        gradients, losses, metrics = self._accumulated(features, weights, seed)
        gradients = self._summed(gradients)
        metrics = self._summed(
            _stacked(metrics) | {name: tf.stack([v, 0.0]) for name, v in losses.items()}
        )
        losses = {name: metrics.pop(name)[0] for name in losses}
        return gradients, losses, metrics

    def _replica_step(self, features, step, going):
        gradients, losses, metrics = self._summed_gradients(features, step)
        loss = tf.add_n(list(losses.values()))
        norm = tf.linalg.global_norm(gradients)
        finite = tf.math.is_finite(loss) & tf.math.is_finite(norm)
        ok = going[0] * tf.cast(finite, tf.float32)
        scale = tf.ones_like(norm)
        if self.options.clip_norm:
            scale = tf.minimum(1.0, self.options.clip_norm / tf.maximum(norm, 1e-12))
        rate = self.schedule(step)
        context = tf.distribute.get_replica_context()
        context.merge_call(self.optimizer.apply, args=(gradients, scale, rate, step, ok > 0))
        once = {"loss": loss, "gradient_norm": norm, "learning_rate": rate}
        if self.adversary is not None:
            once["adversarial_loss"] = losses["loss/adversarial"]
        mask = features["padding_mask"]
        sizes = {
            "real_tokens": tf.reduce_sum(tf.cast(mask, tf.float32)),
            "places": tf.cast(tf.size(mask), tf.float32),
        }
        once |= self._summed(sizes)
        metrics |= {name: tf.stack([value, 1.0]) for name, value in once.items()}
        return metrics | {"going": tf.stack([ok, going[1] + ok])}

    def _accumulated(self, features, weights, seed):
        if self._coupled is not None:
            parts = {name: self._split(name, value) for name, value in features.items()}
            return self._coupled(parts, weights, seed, self._summed)
        if self.options.accumulate == 1:
            return self._backward(features, weights, seed)
        seeds = random.split(seed, self.options.accumulate)
        parts = {name: self._split(name, value) for name, value in features.items()}
        total = None
        for i in range(self.options.accumulate):
            micro = {name: part[i] for name, part in parts.items()}
            # One after the other: the activations of one micro-batch are in memory at a time.
            with tf.control_dependencies([] if total is None else tf.nest.flatten(total)):
                result = self._backward(micro, weights, seeds[i])
            total = result if total is None else tf.nest.map_structure(tf.add, total, result)
        return total

    def _split(self, name, value):
        rows = value.shape[0]  # None where replicas share batches of labelled rows
        if rows is not None and rows % self.options.accumulate:
            raise InputError(
                f"config.accumulate={self.options.accumulate}",
                f"does not divide the {rows} rows of {name} that a replica gets",
                "choose a config.batch_size that replicas x accumulate divides",
            )
        return tf.split(value, self.options.accumulate)

    def _gradients(self, features, weights, seed):
        """Gradients, losses and metrics of a micro-batch; with an adversary, of both passes."""
        if self.adversary is None:
            return self._one_pass(features, weights, seed, lambda tape: contextlib.nullcontext())
        adversary, vectors = self.adversary, []
        (*gradients, slope), losses, metrics = self._one_pass(
            features, weights, seed, lambda tape: adversary.watching(tape, vectors), vectors
        )
        move = adversary.move(slope, tf.shape(features["weights"])[0])
        more, moved, _ = self._one_pass(
            features, weights, random.split(seed, 1)[0], lambda tape: adversary.moving(move)
        )
        losses["loss/adversarial"] = tf.add_n(list(moved.values()))
        return [a + b for a, b in zip(gradients, more, strict=True)], losses, metrics

    def _one_pass(self, features, weights, seed, around: Callable, also: Sequence = ()):
        """Read a micro-batch in a context that is given the tape; also differentiate by tensors."""
        with tf.GradientTape() as tape, around(tape):
            scores = self.program.score(features, seed)
            losses = {
                name: tf.math.divide_no_nan(total, weights[name])
                for name, total in scores.losses.items()
            }
            loss = tf.add_n(list(losses.values()))
        sources = [*self.optimizer.variables, *also]
        gradients = tape.gradient(loss, sources, unconnected_gradients="zero")
        gradients = [tf.convert_to_tensor(gradient) for gradient in gradients]
        return gradients, {f"loss/{name}": loss for name, loss in losses.items()}, scores.metrics


def _step_arguments(first_step: int, steps: int, before: Totals) -> tuple[tf.Tensor, ...]:
    """First step, number of steps, and earlier sums by name as `[MOST_METRICS, 2]`."""
    table = np.zeros((MOST_METRICS, 2), np.float32)
    for row, name in enumerate(sorted(before)):
        table[row] = before[name]
    return tf.constant(first_step, tf.int32), tf.constant(steps, tf.int32), tf.constant(table)


@tf.autograph.experimental.do_not_convert
def _added(totals: dict, before: tf.Tensor) -> dict:
    """Sums with those before them; the sums are sorted by name in `before`."""
    assert len(totals) <= MOST_METRICS
    rows = {name: row for row, name in enumerate(sorted(totals))}
    return {name: before[rows[name]] + value for name, value in totals.items()}


def _all_finite(values):
    return tf.reduce_all(tf.math.is_finite(values))


def _stacked(metrics):
    return {name: tf.stack([value, count]) for name, (value, count) in metrics.items()}


def means(totals: Totals) -> dict[str, float]:
    """Return the mean of each metric over an interval.

    Example:
        >>> means({"masked_accuracy": np.array([3.0, 12.0])})
        {'masked_accuracy': 0.25}
    """
    return {name: float(total / count) if count else 0.0 for name, (total, count) in totals.items()}

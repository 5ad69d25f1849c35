"""Gradients of a loss that compares the rows of a batch, over replicas and micro-batches.

The batch is read twice (GradCache, Gao et al. 2021, "Scaling Deep Contrastive Learning Batch
Size"): once for the vectors of all rows, without gradients; then, by micro-batches, for the
gradients of the weights, given that of the loss with respect to each vector. The activations of one
micro-batch are in memory at a time, and the result is that of the whole batch at once.
"""

from collections.abc import Callable, Sequence

import tensorflow as tf

from kortf.layers import random
from kortf.train.programs.program import CoupledProgram


class CoupledGradients:
    """Computes the gradients of a coupled program on one replica.

    Args:
        program: Program whose loss compares rows.
        variables: Its variables, in the order of the gradients.
        strategy: Strategy that places the replicas.
        accumulate: Number of micro-batches.
        jit_compile: Whether XLA compiles the passes over a micro-batch.
    """

    def __init__(
        self,
        program: CoupledProgram,
        variables: Sequence[tf.Variable],
        strategy: tf.distribute.Strategy,
        accumulate: int,
        jit_compile: bool = False,
    ):
        self.program = program
        self.variables = variables
        self.replicas = strategy.num_replicas_in_sync
        self.accumulate = accumulate
        compiled = jit_compile or None
        self._forward = tf.function(program.vectors, jit_compile=compiled, autograph=False)
        self._backward = tf.function(self._slopes, jit_compile=compiled, autograph=False)

    def __call__(
        self,
        parts: dict[str, list[tf.Tensor]],
        weights: dict[str, tf.Tensor],
        seed: tf.Tensor,
        summed: Callable,
    ) -> tuple[list[tf.Tensor], dict, dict]:
        """Return gradients, losses and metrics, which are to be summed over the replicas.

        Args:
            parts: Features of this replica, by name a tensor for each micro-batch.
            weights: Sums of the loss weights over the global batch, by loss name.
            seed: int32 `[2]`.
            summed: Function that sums tensors over the replicas, on each of them.
        """
        seeds = [seed] if self.accumulate == 1 else random.split(seed, self.accumulate)
        stacked = {name: tf.stack(values) for name, values in parts.items()}
        seeds = tf.stack(seeds)  # [accumulate, 2]
        vectors = self._all_vectors(stacked, seeds)
        rows = self.program.row_features({n: tf.concat(v, axis=0) for n, v in parts.items()})
        whole = self._gathered(vectors, summed)
        rows = {name: self._gathered(value, summed) for name, value in rows.items()}
        with tf.GradientTape() as tape:
            tape.watch(whole)
            scores = self.program.score_vectors(whole, rows)
            # All replicas compute the same loss, of which each counts a share.
            losses = {
                f"loss/{name}": tf.math.divide_no_nan(total, weights[name]) / self.replicas
                for name, total in scores.losses.items()
            }
            loss = tf.add_n(list(losses.values()))
        slope, *own = tape.gradient(loss, [whole, *self.variables])
        # The gradients of the replicas are summed, and each has that of its own rows only.
        slope = self._own_rows(slope) * self.replicas
        gradients = self._all_gradients(stacked, seeds, slope)
        gradients = [
            gradient if more is None else gradient + more
            for gradient, more in zip(gradients, own, strict=True)
        ]
        return gradients, losses, scores.metrics

    def _all_vectors(self, stacked: dict, seeds: tf.Tensor) -> tf.Tensor:
        """Return the vectors of all micro-batches, `[rows, …]`, one micro-batch after the other."""
        first = self._forward.get_concrete_function(*_micro(stacked, seeds, 0))
        (spec,) = tf.nest.flatten(first.structured_outputs)
        array = tf.TensorArray(tf.float32, self.accumulate, element_shape=spec.shape)

        def more(i, array):
            return i + 1, array.write(i, self._forward(*_micro(stacked, seeds, i)))

        _, array = tf.while_loop(
            lambda i, _: i < self.accumulate, more, (tf.constant(0), array), parallel_iterations=1
        )
        return array.concat()

    def _all_gradients(self, stacked: dict, seeds: tf.Tensor, slope: tf.Tensor) -> list[tf.Tensor]:
        """Return the sums of the gradients of all micro-batches, one after the other."""
        shape = tf.concat([[self.accumulate, -1], tf.shape(slope)[1:]], axis=0)
        slopes = tf.reshape(slope, shape)  # [accumulate, rows of a micro-batch, …]
        zeros = [tf.zeros(variable.shape, variable.dtype) for variable in self.variables]

        def more(i, total):
            found = self._backward(*_micro(stacked, seeds, i), slopes[i])
            return i + 1, [a + b for a, b in zip(total, found, strict=True)]

        _, total = tf.while_loop(
            lambda i, _: i < self.accumulate, more, (tf.constant(0), zeros), parallel_iterations=1
        )
        return total

    def _slopes(self, features: dict, seed: tf.Tensor, slope: tf.Tensor) -> list[tf.Tensor]:
        """Return the gradients of the weights, given the gradient of each vector."""
        with tf.GradientTape() as tape:
            vectors = self.program.vectors(features, seed)
        gradients = tape.gradient(
            vectors, self.variables, output_gradients=slope, unconnected_gradients="zero"
        )
        return [tf.convert_to_tensor(gradient) for gradient in gradients]

    def _gathered(self, value: tf.Tensor, summed: Callable) -> tf.Tensor:
        """Return the rows of all replicas, `[replicas * rows, …]`, in the order of the replicas.

        Each replica adds its rows to zeros: every strategy has that sum, and it is exact.
        """
        if self.replicas == 1:
            return value
        slot = tf.one_hot(self._replica(), self.replicas, dtype=value.dtype)
        slot = tf.reshape(slot, [self.replicas] + [1] * value.shape.rank)
        placed = summed({"rows": slot * value[None]})["rows"]  # [replicas, rows, …]
        return tf.reshape(placed, tf.concat([[-1], tf.shape(value)[1:]], axis=0))

    def _own_rows(self, whole: tf.Tensor) -> tf.Tensor:
        """Return the rows of this replica."""
        if self.replicas == 1:
            return whole
        rows = tf.shape(whole)[0] // self.replicas
        begin = self._replica() * rows
        return whole[begin : begin + rows]

    @staticmethod
    def _replica() -> tf.Tensor:
        context = tf.distribute.get_replica_context()
        return tf.cast(context.replica_id_in_sync_group, tf.int32)


def _micro(stacked: dict, seeds: tf.Tensor, i) -> tuple[dict, tf.Tensor]:
    """Return the features and the seed of a micro-batch."""
    return {name: value[i] for name, value in stacked.items()}, seeds[i]

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
        chunks = [{name: part[i] for name, part in parts.items()} for i in range(self.accumulate)]
        vectors = self._all_vectors(chunks, seeds)
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
        slope = self._own_rows(slope, vectors) * self.replicas
        gradients = self._all_gradients(chunks, seeds, slope)
        gradients = [
            gradient if more is None else gradient + more
            for gradient, more in zip(gradients, own, strict=True)
        ]
        return gradients, losses, scores.metrics

    def _all_vectors(self, chunks: Sequence[dict], seeds: Sequence[tf.Tensor]) -> tf.Tensor:
        """Return the vectors of all micro-batches, `[rows, …]`."""
        found = []
        for chunk, seed in zip(chunks, seeds, strict=True):
            with tf.control_dependencies(found[-1:]):  # or all would be in memory at once
                found.append(self._forward(chunk, seed))
        return tf.concat(found, axis=0)

    def _all_gradients(
        self, chunks: Sequence[dict], seeds: Sequence[tf.Tensor], slope: tf.Tensor
    ) -> list[tf.Tensor]:
        """Return the sums of the gradients of all micro-batches."""
        total = None
        slopes = tf.split(slope, self.accumulate)
        for chunk, seed, own in zip(chunks, seeds, slopes, strict=True):
            with tf.control_dependencies(total or []):
                found = self._backward(chunk, seed, own)
            if total is None:
                total = found
            else:
                total = [a + b for a, b in zip(total, found, strict=True)]
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

        Each replica adds its rows to zeros: every strategy has that sum, and it is exact. An axis
        that may differ between replicas is filled up with zeros to the longest.
        """
        if self.replicas == 1:
            return value
        inner = list(value.shape[1:])
        if None in inner:
            size = self._largest(tf.shape(value)[1:], summed)  # of each axis but the rows
            missing = tf.concat([[0], size - tf.shape(value)[1:]], axis=0)
            value = tf.pad(value, tf.stack([tf.zeros_like(missing), missing], axis=1))
            value = tf.ensure_shape(value, [None, *inner])
        slot = tf.one_hot(self._replica(), self.replicas, dtype=value.dtype)
        slot = tf.reshape(slot, [self.replicas] + [1] * value.shape.rank)
        placed = summed({"rows": slot * value[None]})["rows"]  # [replicas, rows, …]
        shape = tf.concat([[-1], tf.shape(value)[1:]], axis=0)
        return tf.ensure_shape(tf.reshape(placed, shape), [None, *inner])

    def _largest(self, sizes: tf.Tensor, summed: Callable) -> tf.Tensor:
        """Return the largest of each number over the replicas, int32 like `sizes`."""
        slot = tf.one_hot(self._replica(), self.replicas)
        table = slot[:, None] * tf.cast(sizes, tf.float32)[None]
        return tf.cast(tf.reduce_max(summed({"sizes": table})["sizes"], axis=0), tf.int32)

    def _own_rows(self, whole: tf.Tensor, like: tf.Tensor) -> tf.Tensor:
        """Return the rows of this replica, in the shape of its vectors."""
        if self.replicas == 1:
            return whole
        rows = tf.shape(whole)[0] // self.replicas
        begin = tf.pad([self._replica() * rows], [[0, whole.shape.rank - 1]])
        return tf.slice(whole, begin, tf.concat([[rows], tf.shape(like)[1:]], axis=0))

    @staticmethod
    def _replica() -> tf.Tensor:
        context = tf.distribute.get_replica_context()
        return tf.cast(context.replica_id_in_sync_group, tf.int32)

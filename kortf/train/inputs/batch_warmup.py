"""Batch warm-up: the first steps use parts of a batch, so that there are more of them.

The pipeline always makes batches of `config.batch_size` rows. In a stage of `parts`, each of its
batches gives `parts` optimizer steps. The rows of a step are a function of the step alone, for any
number of replicas and workers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import tensorflow as tf

from kortf.errors import InputError

_KEY = "config.batch_warmup"


@dataclass(frozen=True)
class Position:
    """Rows of a step.

    Attributes:
        batch: Number of the pipeline's batch, from 0.
        parts: Number of steps that share the batch.
        part: Number of the step among them.
    """

    batch: int
    parts: int
    part: int


class BatchWarmup:
    """Stages of smaller batches at the start of a run.

    Args:
        stages: `(steps, parts)` each: that many steps with one `parts`-th of the batch.
        rows: Rows of a batch that no split may divide further: `batch_size` over replicas and
            micro-batches.

    Raises:
        InputError: The parts do not divide the rows, or the steps are no multiple of the parts.

    Example: 4 steps with a quarter of the batch, 2 with a half, then whole batches
        >>> warmup = BatchWarmup([(4, 4), (2, 2)], rows=8)
        >>> [warmup.position(step).batch for step in range(8)]
        [0, 0, 0, 0, 1, 1, 2, 3]
    """

    def __init__(self, stages: Sequence[Sequence[int]], rows: int):
        self.stages = [tuple(stage) for stage in stages]
        for stage in self.stages:
            whole = len(stage) == 2 and all(type(n) is int and n > 0 for n in stage)
            if not whole or stage[0] % stage[1] or rows % stage[1]:
                raise InputError(
                    f"{_KEY}={self.stages}",
                    f"a stage is (steps, parts), where parts divides steps and {rows} rows",
                    "choose such numbers, or () for whole batches",
                )

    @property
    def boundaries(self) -> list[int]:
        """Steps at which the size of the batch changes."""
        ends, step = [], 0
        for steps, _ in self.stages:
            step += steps
            ends.append(step)
        return ends

    def position(self, step: int) -> Position:
        """Return the rows of a step, counted from 0."""
        batch = 0
        for steps, parts in self.stages:
            if step < steps:
                return Position(batch + step // parts, parts, step % parts)
            step, batch = step - steps, batch + steps // parts
        return Position(batch + step, 1, 0)

    def step_of(self, batch: int) -> int:
        """Return the first step that a batch of the pipeline gives.

        Example:
            >>> BatchWarmup([(4, 4), (2, 2)], rows=8).step_of(2)
            6
        """
        step = 0
        for steps, parts in self.stages:
            if batch < steps // parts:
                return step + batch * parts
            step, batch = step + steps, batch - steps // parts
        return step + batch

    @staticmethod
    def split(batches: tf.data.Dataset, position: Position) -> tf.data.Dataset:
        """Divide batches into those of steps, beginning with the step at `position`.

        Row i of a batch belongs to part `i % parts`, so that each replica and each micro-batch
        gives equally many rows to a step.

        Args:
            batches: Batches from `position.batch` on, features of `[rows, …]`.
            position: Rows of the first step.
        """
        if position.parts == 1:
            return batches
        parts = position.parts

        def divided(value):
            rows, *rest = value.shape
            grid = tf.reshape(value, [rows // parts, parts, *rest])  # [rows / parts, parts, …]
            return tf.experimental.numpy.moveaxis(grid, 1, 0)  # [parts, rows / parts, …]

        batches = batches.map(lambda features: tf.nest.map_structure(divided, features))
        return batches.unbatch().skip(position.part)

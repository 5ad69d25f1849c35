"""The processes that train together, one a machine, and their exchange between steps."""

import functools
import os
import zlib
from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from kortf.data.streams import Part
from kortf.errors import InputError

# EX_TEMPFAIL of sysexits.h, on which a supervisor restarts the process.
LOST = 75
# Errors of TensorFlow when a process that it waits for has died.
_GONE = (
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.InternalError,
    tf.errors.FailedPreconditionError,
)


class Cluster:
    """The processes that train together.

    A TPU slice counts as one process: a single program drives all its hosts.

    Args:
        strategy: Strategy of the training; None for a single process.

    Attributes:
        workers: Number of processes.
        index: Index of this process; 0 is the chief, which writes the work directory.
    """

    def __init__(self, strategy: tf.distribute.Strategy | None = None):
        self.strategy = strategy
        self.workers, self.index = 1, 0
        if isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
            resolver = strategy.cluster_resolver
            jobs = resolver.cluster_spec().as_dict()
            chiefs = len(jobs.get("chief", []))
            self.workers = chiefs + len(jobs.get("worker", []))
            self.index = resolver.task_id + (chiefs if resolver.task_type == "worker" else 0)

    @property
    def chief(self) -> bool:
        """Return whether this process writes files and reports."""
        return self.index == 0

    def gather(self, values: Sequence[float]) -> np.ndarray:
        """Return the values of all processes; all must call it.

        Args:
            values: Whole numbers below 2**24, equally many in each process.

        Returns:
            float32 `[workers, len(values)]`.
        """
        mine = np.array(values, np.float32)
        if self.workers == 1:
            return mine[None]
        table = np.zeros((self.workers, len(mine)), np.float32)
        table[self.index] = mine
        # Every replica of this process adds its share of the row.
        replicas = self.strategy.num_replicas_in_sync // self.workers
        return self._sum(tf.constant(table / replicas)).numpy()

    def largest(self, values: Sequence[float]) -> list[int]:
        """Return the largest of each value over all processes; all must call it.

        Args:
            values: Numbers from 0 to 2**24, rounded to whole ones.
        """
        return [int(value) for value in self.gather([round(v) for v in values]).max(axis=0)]

    def check_agreement(self, step: int, config: str, workdir: str) -> None:
        """Raise an InputError when the processes would not train the same run.

        Args:
            step: Step that this process continues from.
            config: Its config and inputs, as text.
            workdir: Its work directory.
        """
        crc = zlib.crc32(config.encode())
        table = self.gather([step, crc >> 16, crc & 0xFFFF])
        for worker, (other, *_) in enumerate(table):
            if other != table[0, 0]:
                raise InputError(
                    workdir,
                    f"worker 0 finds the checkpoint of step {int(table[0, 0])} there, "
                    f"worker {worker} that of step {int(other)}",
                    "name a directory that all workers share",
                )
        for worker, row in enumerate(table):
            if not np.array_equal(row, table[0]):
                raise InputError(
                    f"worker {worker}",
                    "its config or its inputs are not those of worker 0",
                    "give the same command on all workers",
                )

    def run(self, train: Callable[[], None], say: Callable[[str], None]) -> bool:
        """Run a training; return False, after logging it, if another process died."""
        if self.workers == 1:
            train()
            return True
        try:
            train()
        except _GONE as error:
            reason = (error.message or type(error).__name__).splitlines()[0]
            say(
                f"worker {self.index} of {self.workers}: another worker is gone ({reason[:200]}); "
                "start all of them again to continue from the last checkpoint"
            )
            return False
        return True

    @functools.cached_property
    def _sum(self):
        @tf.function(autograph=False)
        def total(values):
            def add(values):
                context = tf.distribute.get_replica_context()
                # A copy, because an input of the function is on no device that could be reduced to.
                return context.all_reduce(tf.distribute.ReduceOp.SUM, tf.identity(values))

            return self.strategy.experimental_local_results(self.strategy.run(add, (values,)))[0]

        return total


def leave(status: int) -> None:
    """End the process at once: TensorFlow's threads would wait for the process that died."""
    os._exit(status)


@tf.autograph.experimental.do_not_convert
def distribute(
    strategy: tf.distribute.Strategy, make: Callable[[Part], tf.data.Dataset]
) -> tf.distribute.DistributedDataset:
    """Return the batches of all replicas; each process makes only its own rows.

    Args:
        strategy: Strategy of the training.
        make: Gives the batches of a part; the number of its rows is static.
    """

    def own(context):
        batches = make(Part(context.input_pipeline_id, context.num_input_pipelines))
        replicas = context.num_replicas_in_sync // context.num_input_pipelines
        if replicas == 1:
            return batches
        return batches.map(lambda features: _shared_out(features, replicas)).unbatch()

    return strategy.distribute_datasets_from_function(own)


def _shared_out(features: dict, replicas: int) -> dict:
    """Rows `[rows, …]` as `[replicas, rows / replicas, …]`."""
    return {name: tf.stack(tf.split(value, replicas)) for name, value in features.items()}

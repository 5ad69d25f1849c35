"""What a start of a run needs around its steps: devices, work directory, state, signals."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ml_collections

from kortf.locks import lock
from kortf.train.assembly import check_batch_size, make_checkpoints
from kortf.train.config import record_config, resolved
from kortf.train.loop.checkpoint import RunState
from kortf.train.loop.cluster import LOST, Cluster, leave
from kortf.train.loop.health import Watch
from kortf.train.loop.memory import keep_freed_memory
from kortf.train.loop.progress import Progress
from kortf.train.loop.run import run_training
from kortf.train.loop.signals import StopRequest
from kortf.train.loop.silence import Silence
from kortf.train.loop.step import Trainer
from kortf.train.loop.strategy import make_strategy, on_accelerator
from kortf.train.tracking.tracking import Tracking


@dataclass(frozen=True)
class Placement:
    """Where a run takes place.

    Args:
        strategy: of tf.distribute, as `make_strategy` takes it.
        virtual_devices: likewise.
        tpu: likewise.
        steps_per_loop: most steps on the device between two looks of the host, which hears signals.
        tracking: the MLflow run that follows it, or None.
    """

    strategy: str = "auto"
    virtual_devices: int = 0
    tpu: str | None = None
    steps_per_loop: int = 50
    tracking: Tracking | None = None


class Session:
    """One start of a run; the work directory carries it over several.

    Make it before anything else touches a device, then the trainer, then `open` and `train`.

    Args:
        config: of the run.
        workdir: takes checkpoints, metrics and, at the end, what was trained.
        placement: where it takes place.

    Attributes:
        devices: the strategy.
        cluster: the processes that train together.
        checkpoints, progress, state: after `open`.
        stopped: after `train`, whether a signal ended it.

    Raises:
        InputError: the devices are not there, or cannot share the batch.
    """

    def __init__(self, config: ml_collections.ConfigDict, workdir: str, placement: Placement):
        self.config = config
        self.workdir = workdir
        self.placement = placement
        self.devices = make_strategy(placement.strategy, placement.virtual_devices, placement.tpu)
        if not on_accelerator():
            keep_freed_memory()
        check_batch_size(config, self.devices.num_replicas_in_sync)
        self.cluster = Cluster(self.devices)
        self.stopped = False

    @property
    def writes(self) -> bool:
        """Whether this process writes what was trained."""
        return self.cluster.chief

    def open(self, trainer: Trainer, inputs: dict[str, Any], steps: int, keep: int) -> RunState:
        """Takes the work directory and goes on from its newest checkpoint.

        Called once all is built: a config that could not be built must not claim the directory.

        Args:
            trainer: of the run.
            inputs: hashes of what goes into the run, by name.
            steps: of the whole run.
            keep: newest checkpoints that stay.

        Raises:
            InputError: the directory belongs to another run, another process writes there, or the
                workers belong to different runs.
        """
        config = resolved(self.config)
        if self.cluster.chief:
            lock(self.workdir)
            record_config(os.path.join(self.workdir, "config.json"), config, inputs)
        self.trainer, self.steps = trainer, steps
        self.checkpoints = make_checkpoints(self.workdir, trainer, keep, self.cluster.chief)
        self.state = self.checkpoints.restore_latest() or RunState()
        whole = json.dumps([config, inputs], sort_keys=True)
        self.cluster.check_agreement(self.state.step, whole, self.workdir)
        report = Progress if self.cluster.chief else Silence
        self.progress = report(self.workdir, steps, self.state.step)
        if self.placement.tracking is not None and self.cluster.chief:
            self.placement.tracking.begin(self.progress)
        self._compare_replicas()
        return self.state

    def train(
        self,
        batches: Callable[[int], Any],
        eval_every: int = 0,
        evaluate: Callable[[], dict[str, float]] | None = None,
        better: Callable[[dict[str, float]], float] | None = None,
        watch: Watch | None = None,
    ) -> int:
        """Trains to the end, or to a signal; arguments as in `run_training`.

        Returns:
            Exit status: 0, or that of the signal which ended it. Where a worker is lost the process
            ends at once, with `LOST`.
        """
        config = self.config
        with StopRequest() as stop:

            def train():
                run_training(
                    self.trainer, batches, self.checkpoints, self.progress, self.state, stop,
                    self.steps, config.log_every, config.checkpoint_every, eval_every, evaluate,
                    better, watch, self.placement.steps_per_loop, self.cluster,
                )  # fmt: skip

            if not self.cluster.run(train, self.progress.say):
                if self.placement.tracking is not None:
                    self.placement.tracking.end("FAILED")
                leave(LOST)
        self.stopped = stop.signal is not None
        if self.stopped:
            self.progress.say(
                f"stopped at step {self.state.step:,}; run the same command again to go on"
            )
        return stop.status

    def _compare_replicas(self) -> None:
        now = self.devices.num_replicas_in_sync
        before = self.state.notes.get("replicas", now)
        if before != now:
            self.progress.say(
                f"{now} replica(s) now, {before} up to step {self.state.step:,}: the batches stay "
                "the same, sums are rounded in another order"
            )
        self.state.notes["replicas"] = now

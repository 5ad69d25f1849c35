"""Placement of a run: devices, replicas, and steps for each call of the host."""

from dataclasses import dataclass

import tensorflow as tf

from kortf.train.loop.devices.strategy import make_strategy, on_accelerator
from kortf.train.loop.health.memory import keep_freed_memory


@dataclass(frozen=True)
class Placement:
    """Devices and replicas of a run.

    Args:
        strategy: Name of a strategy, as `make_strategy` takes it.
        virtual_devices: Number of logical devices the CPU is split into; 0 leaves it whole.
        tpu: Name or address of a TPU.
        steps_per_loop: Most steps on the device between two looks of the host.
    """

    strategy: str = "auto"
    virtual_devices: int = 0
    tpu: str | None = None
    steps_per_loop: int = 50

    def start(self) -> tf.distribute.Strategy:
        """Set up the devices; called before anything else touches one."""
        strategy = make_strategy(self.strategy, self.virtual_devices, self.tpu)
        if not on_accelerator():
            keep_freed_memory()
        return strategy


ANYWHERE = Placement()

"""Picks the tf.distribute strategy."""

import os

import tensorflow as tf

from kortf.errors import InputError

STRATEGIES = ("auto", "one", "mirrored", "multiworker", "tpu")


def make_strategy(name: str = "auto", virtual_devices: int = 0) -> tf.distribute.Strategy:
    """Makes a strategy; called before anything else touches a device.

    Args:
        name: `one` device, `mirrored` over the devices of this machine, or `auto`: mirrored when
            there are several GPUs or virtual devices, else one.
        virtual_devices: splits the CPU into so many logical devices, to try several replicas
            without several devices; 0 leaves it whole.

    Raises:
        InputError: for an unknown name, or one that this version cannot serve.
    """
    if name not in STRATEGIES:
        raise InputError(
            f"--strategy={name}", "no such strategy", f"choose one of {', '.join(STRATEGIES)}"
        )
    if name in ("multiworker", "tpu"):
        raise InputError(f"--strategy={name}", "not built yet", "use --strategy=mirrored or one")
    if virtual_devices:
        cpu = tf.config.list_physical_devices("CPU")[0]
        logical = [tf.config.LogicalDeviceConfiguration()] * virtual_devices
        try:
            tf.config.set_logical_device_configuration(cpu, logical)
        except RuntimeError as error:
            if len(tf.config.list_logical_devices("CPU")) != virtual_devices:
                problem = "the devices of this process are already set up"
                raise InputError("--virtual_devices", problem, "start a new process") from error
        devices = [f"CPU:{i}" for i in range(virtual_devices)]
    else:
        devices = [f"GPU:{i}" for i in range(len(tf.config.list_physical_devices("GPU")))]
    if name == "mirrored" or (name == "auto" and len(devices) > 1):
        # Summing on the CPU in a fixed order keeps a run repeatable bit for bit.
        reduction = (
            None
            if devices and devices[0].startswith("GPU")
            else tf.distribute.ReductionToOneDevice()
        )
        return tf.distribute.MirroredStrategy(devices or ["CPU:0"], cross_device_ops=reduction)
    return tf.distribute.get_strategy()


def on_accelerator() -> bool:
    """Whether there is a GPU: then XLA compiles the whole forward and backward pass."""
    return (
        bool(tf.config.list_physical_devices("GPU"))
        and os.environ.get("CUDA_VISIBLE_DEVICES") != ""
    )
